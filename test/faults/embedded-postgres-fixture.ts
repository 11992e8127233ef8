import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/dev-database/embedded-postgres.js';
import { buildProgram, ProgramRun } from './embedded-postgres-program.js';

/** A separate folder for each test file, open to every user. It holds a database that was started and stopped once. */
export const place = realpathSync(mkdtempSync(join(tmpdir(), 'embedded-postgres-')));
const program = join(place, 'program');
const dataDir = join(place, 'data');
export const folder = join(dataDir, 'postgres');
export const cluster = join(folder, 'cluster');
export const settings = { fsync: 'off' };
const options = { dataDir, database: 'app', settings, elsewhere: join(place, 'elsewhere') };

/** Lines logged since the start of the test. */
export const lines: string[] = [];

export function start(other: object = {}): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ ...options, log: (line) => lines.push(line), ...other });
}

export function runProgram(other: object = {}, account?: { uid: number; gid: number }): ProgramRun {
  return new ProgramRun(program, { ...options, ...other }, account);
}

export function useFixture(): void {
  jest.setTimeout(30_000);
  beforeAll(async () => {
    chmodSync(place, 0o755);
    buildProgram(program);
    const server = await start();
    await query(server, "CREATE TABLE kept AS SELECT 'from the first start' AS note");
    await server.stop();
  });
  beforeEach(() => lines.splice(0));
  afterAll(() => rmSync(place, { recursive: true, force: true }));
}

type Address = Partial<Pick<EmbeddedPostgres, 'port' | 'user' | 'password' | 'database'>> & { host?: string };

/** All values in one list, row by row. */
export async function query(server: Address, sql: string): Promise<unknown[]> {
  const { host, port, user, password, database } = server;
  const client = new Client({ host, port, user, password, database });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
  await client.end();
  return rows.flat();
}

export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(20);
}
