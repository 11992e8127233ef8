import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';

/** The migrated database that all others are copied from. */
export const TEMPLATE = 'template_migrated';

interface Server {
  host: string;
  port: number;
  user: string;
  password: string;
}

/** The address of the PostgreSQL of this test run. */
function testServer(): Server {
  return JSON.parse(process.env.TEST_POSTGRES ?? '{}') as Server;
}

export function settingsOf(database: string): DatabaseSettings {
  return { ...testServer(), database, sslMode: 'disable', certificateAuthority: undefined };
}

export function urlOf({ user, password, host, port, database }: DatabaseSettings): string {
  return `postgresql://${user}:${password}@${host}:${port}/${database}`;
}

/** A copy of the migrated template, or an empty database. */
export async function createDatabase(options: { empty?: boolean } = {}): Promise<DatabaseSettings> {
  const database = `test_${randomBytes(6).toString('hex')}`;
  await administrate(`CREATE DATABASE ${database} TEMPLATE ${options.empty ? 'template0' : TEMPLATE}`);
  return settingsOf(database);
}

export async function dropDatabase({ database }: DatabaseSettings): Promise<void> {
  await administrate(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
}

async function administrate(sql: string): Promise<void> {
  await query({ ...settingsOf('postgres') }, sql);
}

/** Runs SQL on a separate connection. Without values it may be several statements separated by semicolons. */
export async function query<Row extends object>(
  { host, port, user, password, database }: DatabaseSettings,
  sql: string,
  values?: unknown[],
): Promise<Row[]> {
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
