import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ServiceBuild } from './service-process.js';
import { TEST_SECRET } from './test-app.js';

const COMMAND = createRequire(__filename).resolve('pm2/bin/pm2');

/** The fields of `pm2 jlist` that the tests read. */
export interface Pm2Process {
  pid: number;
  pm2_env: { status: string; restart_time: number; exec_mode: string };
}

/** The service under a separate PM2 daemon, started with the project's ecosystem file. */
export class Pm2 {
  private constructor(
    private readonly folder: string,
    private readonly home: string,
    private readonly variables: Record<string, string>,
  ) {}

  /** Starts the workers and waits until all of them are ready, or have failed. */
  static async start(build: ServiceBuild, variables: Record<string, string>): Promise<Pm2> {
    copyFileSync('ecosystem.config.cjs', join(build.folder, 'ecosystem.config.cjs'));
    const home = mkdtempSync(join(tmpdir(), 'pm2-'));
    const own = { APP_HOST: '127.0.0.1', SECRET_KEY: TEST_SECRET, ...variables };
    const pm2 = new Pm2(build.folder, home, own);
    try {
      await pm2.run(['start', 'ecosystem.config.cjs']);
    } catch (error) {
      await pm2.stop();
      throw error;
    }
    return pm2;
  }

  /** @returns the output of the command @throws an error with the output if the command fails */
  async run(parameters: string[], variables: Record<string, string> = {}): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...parameters], {
      cwd: this.folder,
      env: {
        PATH: process.env.PATH,
        HOME: this.home,
        PM2_HOME: this.home,
        PM2_DISCRETE_MODE: 'true',
        PM2_DISABLE_VERSION_CHECK: 'true',
        ...this.variables,
        ...variables,
      },
    });
    return stdout;
  }

  async reload(variables?: Record<string, string>): Promise<void> {
    await this.run(['reload', 'ecosystem.config.cjs'], variables);
  }

  async processes(): Promise<Pm2Process[]> {
    const stdout = await this.run(['jlist', '--silent']);
    return JSON.parse(stdout.slice(stdout.indexOf('['))) as Pm2Process[];
  }

  /** Whether there are exactly `count` processes, all online. */
  async isOnline(count: number): Promise<boolean> {
    const processes = await this.processes();
    return processes.length === count && processes.every(({ pm2_env }) => pm2_env.status === 'online');
  }

  async pids(): Promise<number[]> {
    return (await this.processes()).map(({ pid }) => pid).toSorted((one, other) => one - other);
  }

  /** The output of the workers and the log of PM2. */
  get output(): string {
    const folder = join(this.home, 'logs');
    const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
    return [...files, join(this.home, 'pm2.log')]
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'utf8'))
      .join('');
  }

  /** Kills the PM2 daemon without stopping its processes. */
  killDaemon(): void {
    process.kill(Number(readFileSync(join(this.home, 'pm2.pid'), 'utf8')), 'SIGKILL');
  }

  async stop(): Promise<void> {
    await this.run(['kill']);
    rmSync(this.home, { recursive: true, force: true });
  }
}
