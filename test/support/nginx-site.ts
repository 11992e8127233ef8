import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions } from 'node:tls';
import { freePort } from './free-port.js';
import { Nginx } from './nginx.js';
import { TlsProxy } from './tls-proxy.js';

/** An IP address, so that the Host header of test clients is correct. */
const SERVER_NAME = '127.0.0.1';

export interface NginxSiteOptions {
  /** Loopback port of the service. */
  upstream: number;
  /** Further replacements in the shipped files. */
  replace?: Readonly<Record<string, string>>;
}

/** The site shipped in deploy/nginx, with a test certificate, on free loopback ports. */
export class NginxSite {
  private constructor(
    readonly nginx: Nginx,
    private readonly proxy: TlsProxy,
    /** The folder of Let's Encrypt challenges, of the certificate and of the access log. */
    readonly folder: string,
    /** Options for a TLS client. */
    readonly tls: ConnectionOptions & { port: number; ca: string },
    /** The URL of the server for plain HTTP. */
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

  /** A plain HTTP URL, forwarded to nginx over TLS. */
  get url(): string {
    return this.proxy.url;
  }

  /** The lines of the access log so far. */
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

/** Values that an operator fills in, and ports and folders of the test. */
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
