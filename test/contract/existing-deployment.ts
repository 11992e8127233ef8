import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { AdoptionSettings } from '../../src/migrations/adoption.settings.js';
import { schemaFor } from '../../src/migrations/schema.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { createDatabase, query } from '../support/test-databases.js';

/** A dump of the Python service's database: DDL and six accounts. */
export const DUMP = readFileSync(join('test', 'contract', 'existing-deployment.sql'), 'utf8');

/** The passwords of the dump, by username. */
export const PASSWORDS = {
  john: 'secure123',
  testuser: 'test123',
  nomail: 'pässwörd-ünïcode',
  admin: 'correct horse battery staple',
  gone: 'secure123',
  long: '0123456789012345678901234567890123456789012345678901234567890123456789xy',
};

/** The same dump with plain DateTime columns, whose values are UTC. */
export const DUMP_WITHOUT_ZONE = DUMP.replaceAll('WITH TIME ZONE', 'WITHOUT TIME ZONE').replaceAll("+00'", "'");

/** Loads SQL into a new database. `settings` apply to every session in it (`ALTER DATABASE … SET …`). */
export async function deploymentOf(sql: string, settings: Record<string, string> = {}): Promise<DatabaseSettings> {
  const database = await createDatabase({ empty: true });
  for (const [name, value] of Object.entries(settings)) {
    await query(database, `ALTER DATABASE ${database.database} SET ${name} TO ${value}`);
  }
  await query(database, sql);
  return database;
}

/** Migrates the database as the service does at its start. @returns its log */
export async function adopt(database: DatabaseSettings, settings: AdoptionSettings = {}): Promise<string> {
  const lines: string[] = [];
  await migrate(database, schemaFor(settings), pino({ base: undefined }, { write: (line) => lines.push(line) }));
  return lines.join('');
}

export interface Row {
  id: number;
  username: string;
  email: string | null;
  hashed_password: string;
  is_active: boolean | null;
  is_superuser: boolean | null;
  created_at: string | null;
  updated_at: string | null;
}

/** All rows of the table users, with times as text in UTC with microseconds. */
export async function rowsOf(database: DatabaseSettings): Promise<Row[]> {
  return query<Row>(
    database,
    `SELECT id, username, email, hashed_password, is_active, is_superuser,
            (created_at AT TIME ZONE 'UTC')::text AS created_at, (updated_at AT TIME ZONE 'UTC')::text AS updated_at
       FROM users ORDER BY id`,
  );
}
