import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions } from 'node:tls';
import { freePort } from './free-port.js';
import { Nginx } from './nginx.js';
import { TlsProxy } from './tls-proxy.js';

/** An address, so that clients of the tests name the right host without being told. */
const SERVER_NAME = '127.0.0.1';

export interface NginxSiteOptions {
  /** Port of the loopback that the service listens on. */
  upstream: number;
  /** Further texts of the shipped files to replace, each of which must be there. */
  replace?: Readonly<Record<string, string>>;
}

/** The site as it is shipped in deploy/nginx, with a certificate of its own, on free ports of the loopback. */
export class NginxSite {
  private constructor(
    readonly nginx: Nginx,
    private readonly proxy: TlsProxy,
    /** Holds what Let's Encrypt asks for, the certificate and the access log. */
    readonly folder: string,
    /** For a TLS client of the test's own. */
    readonly tls: ConnectionOptions & { port: number; ca: string },
    /** Where plain HTTP is answered. */
    readonly plainUrl: string,
  ) {}

  static async start({ upstream, replace = {} }: NginxSiteOptions): Promise<NginxSite> {
    const folder = mkdtempSync(join(tmpdir(), 'nginx-site-'));
    chmodSync(folder, 0o755);
    makeCertificate(folder);
    const plainPort = await freePort();
    let port = 0;
    const nginx = await Nginx.start({
      upstreams: [],
      http: (place) => {
        port = place.port;
        const texts = { ...replacements(folder, port, plainPort, upstream), ...replace };
        return ['plain-http.conf.template', 'site.conf.template'].map((file) => shipped(file, texts)).join('\n');
      },
    });
    const tls = { host: '127.0.0.1', port, ca: readFileSync(join(folder, 'fullchain.pem'), 'utf8') };
    return new NginxSite(nginx, await TlsProxy.open(tls), folder, tls, `http://127.0.0.1:${plainPort}`);
  }

  /** Plain for the client, TLS to nginx. */
  get url(): string {
    return this.proxy.url;
  }

  /** The lines of its access log that are written by now. */
  get accessLog(): Record<string, unknown>[] {
    const file = join(this.folder, 'access.log');
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async stop(): Promise<void> {
    await this.proxy.close();
    await this.nginx.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What an operator puts in, and what must differ on a machine that others use too. */
function replacements(folder: string, port: number, plainPort: number, upstream: number): Record<string, string> {
  return {
    '/etc/letsencrypt/live/${SERVER_NAME}': folder,
    '${SERVER_NAME}': SERVER_NAME,
    '${UPSTREAM}': `127.0.0.1:${upstream}`,
    'listen 80;': `listen 127.0.0.1:${plainPort};`,
    'listen [::]:80;': '',
    'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
    'listen [::]:443 ssl http2;': '',
    '/var/www/letsencrypt': folder,
    '/var/log/nginx': folder,
  };
}

function shipped(file: string, texts: Readonly<Record<string, string>>): string {
  const text = readFileSync(join('deploy', 'nginx', file), 'utf8');
  return Object.entries(texts).reduce((site, [from, to]) => site.replaceAll(from, () => to), text);
}

function makeCertificate(folder: string): void {
  const files = ['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2'];
  const name = ['-subj', `/CN=${SERVER_NAME}`, '-addext', `subjectAltName=IP:${SERVER_NAME}`];
  execFileSync('openssl', ['req', '-x509', ...kind, ...files, ...name], { stdio: 'ignore' });
}
