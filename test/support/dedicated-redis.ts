import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { findProgram } from './programs.js';
import { until } from './until.js';

/** A separate Redis that a test may stop and restart on the same port. Use under `describeWith('redis-server')`. */
export class DedicatedRedis {
  private readonly folder = mkdtempSync(join(tmpdir(), 'own-redis-'));
  private child: ChildProcess | undefined;

  private constructor(readonly port: number) {
    process.on('exit', this.kill);
  }

  /** Reserves a port without starting the server. */
  static async reserve(): Promise<DedicatedRedis> {
    return new DedicatedRedis(await freePort());
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const options = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--save', '', '--dir', this.folder];
    this.child = spawn(findProgram('redis-server') ?? 'redis-server', options, { stdio: 'ignore' });
    await until(async () => (await this.ask('ping').catch(() => '')) === 'PONG');
  }

  /** Sends a command on a separate connection. */
  async ask(command: string, ...values: string[]): Promise<unknown> {
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.call(command, ...values);
    } finally {
      client.disconnect();
    }
  }

  async crash(): Promise<void> {
    this.child?.kill('SIGKILL');
    if (this.child) await once(this.child, 'exit');
    this.child = undefined;
  }

  /** Freezes the process: the kernel still accepts connections, but the server does not respond. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    process.off('exit', this.kill);
    this.thaw();
    await this.crash();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private readonly kill = () => void this.child?.kill('SIGKILL');
}
