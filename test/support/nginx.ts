import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { findProgram } from './programs.js';

/** Values for the configuration of an nginx. */
export interface NginxPlace {
  /** A free loopback port to listen on. */
  port: number;
  /** The prefix of relative paths; deleted at the end. */
  folder: string;
  /** `server 127.0.0.1:…;` for each upstream. */
  upstreams: string;
}

export interface NginxOptions {
  /** Loopback ports of the upstream servers. */
  upstreams: readonly number[];
  /** The content of `http { … }`; by default a proxy with the usual forwarded headers. */
  http?: (place: NginxPlace) => string;
}

/** An nginx for a test, on a free loopback port. Use under `describeWith('nginx')`. */
export class Nginx {
  private constructor(
    private readonly child: ChildProcess,
    private readonly options: NginxOptions,
    private readonly place: NginxPlace,
  ) {
    process.on('exit', this.kill);
  }

  /** @throws the error of nginx for an invalid configuration */
  static async start(options: NginxOptions): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
    const place = { port: await freePort(), folder, upstreams: upstreamsOf(options) };
    writeConfiguration(options, place);
    const child = spawn(findProgram('nginx') ?? 'nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], {
      stdio: 'ignore',
    });
    const nginx = new Nginx(child, options, place);
    try {
      await nginx.accepts();
    } catch (error) {
      await nginx.stop();
      throw error;
    }
    return nginx;
  }

  /** `http://127.0.0.1:12345` */
  get url(): string {
    return `http://127.0.0.1:${this.place.port}`;
  }

  /** Log lines of level `warn` and above, which include refused and broken upstream connections. */
  get errorLog(): string {
    const file = join(this.place.folder, 'error.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** Reloads the configuration, optionally with other upstreams. Requests in flight are not lost. */
  reload(upstreams: readonly number[] = this.options.upstreams): void {
    writeConfiguration(this.options, { ...this.place, upstreams: upstreamsOf({ upstreams }) });
    this.child.kill('SIGHUP');
  }

  /** Freezes the workers, as on an overloaded machine; requests to them wait. */
  pause(): void {
    this.signalWorkers('SIGSTOP');
  }

  resume(): void {
    this.signalWorkers('SIGCONT');
  }

  async stop(): Promise<void> {
    process.off('exit', this.kill);
    if (this.child.exitCode === null && this.child.kill('SIGTERM')) await once(this.child, 'exit');
    rmSync(this.place.folder, { recursive: true, force: true });
  }

  private signalWorkers(signal: NodeJS.Signals): void {
    const { pid } = this.child;
    const workers = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    for (const worker of workers) process.kill(Number(worker), signal);
  }

  private async accepts(): Promise<void> {
    while (!(await isOpen(this.place.port))) {
      if (this.child.exitCode !== null) throw new Error(`nginx exited:\n${this.errorLog}`);
      await sleep(20);
    }
  }

  private readonly kill = () => void this.child.kill('SIGTERM');
}

function upstreamsOf({ upstreams }: Pick<NginxOptions, 'upstreams'>): string {
  return upstreams.map((port) => `server 127.0.0.1:${port};`).join(' ');
}

function writeConfiguration({ http = plainProxy }: NginxOptions, place: NginxPlace): void {
  // Relative paths, since the default folders are writable only for root.
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${kind};`);
  writeFileSync(
    join(place.folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid nginx.pid; error_log error.log warn;
     events { worker_connections 1024; }
     http { access_log off; ${temporary.join(' ')}
     ${http(place)}
     }`,
  );
}

/** A proxy with persistent upstream connections and the usual forwarded headers. */
function plainProxy({ port, upstreams }: NginxPlace): string {
  return `upstream service { ${upstreams} keepalive 32; keepalive_timeout 1s; }
    server {
      listen 127.0.0.1:${port};
      location / {
        proxy_pass http://service;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
      }
    }`;
}

/**
 * Like deploy/nginx, lists the same address twice, so that nginx repeats idempotent requests whose worker has died.
 * @see https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream
 */
export function proxyWithSecondTry({ port, upstreams }: NginxPlace): string {
  const server = upstreams.replace(';', ' max_fails=0;');
  return `upstream service { ${server} ${server} keepalive 64; keepalive_timeout 1s; }
    server {
      listen 127.0.0.1:${port};
      location / {
        proxy_pass http://service;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_next_upstream error;
      }
    }`;
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
