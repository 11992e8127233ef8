import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDoctor } from '../../src/doctor/doctor.js';
import type { Finding } from '../../src/doctor/diagnose.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { ServiceBuild } from './service-process.js';
import { urlOf } from './test-databases.js';

/** Production settings as in the guides, as far as a test can use them. */
export function production(database: DatabaseSettings, more: Record<string, string> = {}): Record<string, string> {
  return {
    SECRET_KEY: TEST_KEY,
    DATABASE_URL: urlOf(database),
    APP_HOST: '127.0.0.1',
    APP_PORT: '0',
    TRUST_PROXY: '1',
    CORS_ORIGINS: '["https://app.example"]',
    DOCS_ENABLED: 'False',
    ...more,
  };
}

/** A random key, which the doctor requires. */
const TEST_KEY = randomBytes(48).toString('base64url');

export interface DoctorRun {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs the doctor in an empty folder. */
export class Doctor {
  readonly folder = mkdtempSync(join(tmpdir(), 'doctor-'));

  private constructor(readonly build: ServiceBuild) {}

  static async make(): Promise<Doctor> {
    return new Doctor(await ServiceBuild.make());
  }

  /** Runs the command with these variables and PATH only. */
  async run(variables: Record<string, string>, ...options: string[]): Promise<DoctorRun> {
    const program = join(this.build.folder, 'dist', 'cli.js');
    const env = { PATH: process.env.PATH, ...variables };
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [program, 'doctor', ...options],
        { cwd: this.folder, env },
        (_error, stdout, stderr) => resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
      );
    });
  }

  /** Runs the doctor in this process. @returns the findings of each check, such as `fail: text`, one per line */
  async findings(variables: Record<string, string>): Promise<{ exitCode: number; said: Record<string, string> }> {
    const { exitCode, text } = await runDoctor({ ENV_FILE: devNull, ...variables }, { json: true, colours: false });
    const said: Record<string, string> = {};
    for (const { check, level, found } of JSON.parse(text) as Finding[]) {
      said[check] = [...(said[check] ? [said[check]] : []), `${level}: ${found}`].join('\n');
    }
    return { exitCode, said };
  }

  remove(): void {
    this.build.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A foreign server: accepts every connection and sends it the greeting, or nothing. */
export async function stranger(greeting = ''): Promise<{ port: number; leave: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.resume());
    socket.on('error', () => undefined);
    if (greeting) socket.end(greeting);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const leave = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port, leave };
}
