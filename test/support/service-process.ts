import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { compileRelease, compiledService } from './compiled-service.js';
import { TEST_SECRET } from './test-app.js';
import { urlOf } from './test-databases.js';

/** A folder with the service as the build makes it. Tests need no build before them. */
export class ServiceBuild {
  private constructor(readonly folder: string) {}

  /** @param root root folder of another release; by default this checkout */
  static async make(root?: string): Promise<ServiceBuild> {
    // Imports of packages resolve there, and git ignores the files.
    const cache = resolve('node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, 'service-'));
    copyFileSync(join(root ?? '.', 'package.json'), join(folder, 'package.json'));
    if (root === undefined) symlinkSync((await compiledService()).folder, join(folder, 'dist'));
    else await compileRelease(root, join(folder, 'dist'));
    return new ServiceBuild(folder);
  }

  /** Starts `main.js` with these variables and a few defaults, without the checkout's .env file and without drain delay. */
  start(variables: Record<string, string>): ServiceProcess {
    const child = spawn(process.execPath, [join(this.folder, 'dist', 'main.js')], {
      cwd: this.folder,
      env: {
        PATH: process.env.PATH,
        APP_HOST: '127.0.0.1',
        APP_PORT: '0',
        SECRET_KEY: TEST_SECRET,
        BCRYPT_ROUNDS: '10',
        DRAIN_DELAY_MS: '0',
        ...variables,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServiceProcess(child);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A run of the service: its output and its exit code. */
export class ServiceProcess {
  private stdout = '';
  private stderr = '';
  private wake: () => void = () => undefined;
  /** Exit code, or the name of the signal. */
  readonly ended: Promise<number | string | null>;

  constructor(private readonly child: ChildProcessByStdio<null, Readable, Readable>) {
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.heard((this.stdout += text)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.heard((this.stderr += text)));
    this.ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string | null);
    void this.ended.then(() => this.heard(''));
  }

  private heard(_text: string): void {
    this.wake();
  }

  /** All output so far. */
  get output(): string {
    return this.stdout + this.stderr;
  }

  /** Messages for the operator, which are not part of the log. */
  get message(): string {
    return this.stderr;
  }

  /** Resolves with the match once it is in the output; rejects with the output if the process exits first. */
  async said(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = this.output.match(pattern);
      if (match) return match;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`exited without writing ${String(pattern)}:\n${this.output}`);
      }
      await new Promise<void>((next) => (this.wake = next));
    }
  }

  /** The origin, once the service listens. */
  async ready(): Promise<string> {
    const [, port = ''] = await this.said(/"url":"http:\/\/localhost:(\d+)"/);
    return `http://127.0.0.1:${port}`;
  }

  /** The complete lines on stdout. */
  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Closes the reading end of its output: further writes fail with EPIPE. */
  hangUp(...streams: ('stdout' | 'stderr')[]): void {
    for (const stream of streams) this.child[stream].destroy();
  }

  /** Stops reading stdout without closing it. @returns a function that resumes */
  stopReading(): () => void {
    this.child.stdout.pause();
    return () => void this.child.stdout.resume();
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends SIGTERM. @returns the exit code */
  async stop(): Promise<number | string | null> {
    this.kill('SIGTERM');
    return this.ended;
  }
}

/** The variables that connect the service to a database. */
export function variablesOf(database: DatabaseSettings): Record<string, string> {
  return { DATABASE_URL: urlOf(database), PGSSLMODE: 'disable' };
}

/** Listens on a port without answering, so that the port is in use. */
export async function occupiedPort(): Promise<{ port: number; free: () => Promise<void> }> {
  const server: Server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { port, free: async () => void (await new Promise((closed) => server.close(closed))) };
}
