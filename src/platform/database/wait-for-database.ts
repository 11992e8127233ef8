import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ConfigurationError } from '../config/configuration-error.js';
import type { DatabaseSettings } from '../config/database-settings.js';
import { isDatabaseAway } from './database-errors.js';
import { briefClient } from './pg-client.js';

const OLDEST_VERSION = 140_000;
const ATTEMPT_MS = 5000;

/** PostgreSQL did not come in time; a process manager may start the service again. */
export class DatabaseUnreachableError extends Error {
  override readonly name = 'DatabaseUnreachableError';
}

/**
 * Waits until PostgreSQL answers, with a line in the log for each new reason.
 *
 * @param seconds how long to wait; 0 for ever
 * @returns the settings to go on with: `prefer` is settled to TLS or none, as the server offers it
 * @throws ConfigurationError for what waiting cannot mend: a refused password, an unknown database, an old server
 * @throws DatabaseUnreachableError when the time is over
 */
export async function waitForDatabase(
  settings: DatabaseSettings,
  seconds: number,
  logger: Logger,
): Promise<DatabaseSettings> {
  const deadline = seconds === 0 ? Infinity : performance.now() + seconds * 1000;
  let said = '';
  for (;;) {
    const outcome = await tryOnce(settings);
    if (typeof outcome !== 'string') return outcome.settings;
    if (performance.now() > deadline) {
      throw new DatabaseUnreachableError(
        `PostgreSQL at ${placeOf(settings)} did not answer within ${seconds} s (DB_WAIT_SECONDS): ${outcome}`,
      );
    }
    if (outcome !== said) logger.warn(`waiting for PostgreSQL at ${placeOf(settings)}: ${outcome}`);
    said = outcome;
    await sleep(500);
  }
}

/** @returns the settings that connected, or why the server is not there yet */
async function tryOnce(settings: DatabaseSettings): Promise<{ settings: DatabaseSettings } | string> {
  try {
    await examine(settings);
    return { settings };
  } catch (error) {
    const { message } = error as Error;
    if (settings.sslMode === 'prefer' && message.includes('does not support SSL')) {
      return tryOnce({ ...settings, sslMode: 'disable' });
    }
    if (error instanceof ConfigurationError) throw error;
    if (!isDatabaseAway(error)) throw unusable(settings, error as Error);
    return reasonOf(error as Error);
  }
}

async function examine(settings: DatabaseSettings): Promise<void> {
  const client = briefClient(settings, ATTEMPT_MS);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; text: string; encoding: string; icu: boolean }>(
      `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS text,
              current_setting('server_encoding') AS encoding,
              EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') AS icu`,
    );
    const server = rows[0];
    if (!server) throw new Error('Connection terminated');
    const problem = problemOf(server);
    if (problem) throw new ConfigurationError(`PostgreSQL at ${placeOf(settings)} cannot be used: ${problem}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function problemOf(server: { version: number; text: string; encoding: string; icu: boolean }): string | undefined {
  if (server.version < OLDEST_VERSION) return `it is version ${server.text}; 14 to 18 are supported`;
  if (server.encoding !== 'UTF8')
    return `the database is encoded in ${server.encoding}; create it with ENCODING 'UTF8'`;
  if (!server.icu) return 'it was built without ICU collations, which names without regard to case need';
  return undefined;
}

/** What no waiting mends. SQLSTATE 28: authorization; 3D000: no such database. */
function unusable(settings: DatabaseSettings, error: Error): Error {
  const code: unknown = 'code' in error ? error.code : undefined;
  const remedy =
    code === '3D000'
      ? `create it (createdb ${settings.database}), or set PGDATABASE or DATABASE_URL`
      : 'check PGUSER, PGPASSWORD, PGSSLMODE or DATABASE_URL';
  return new ConfigurationError(
    `PostgreSQL at ${placeOf(settings)} refused the connection: ${error.message}; ${remedy}`,
  );
}

function reasonOf(error: Error): string {
  if (error instanceof AggregateError) return (error.errors as Error[]).map(({ message }) => message).join(', ');
  return error.message;
}

export function placeOf({ host, port, database }: DatabaseSettings): string {
  return `${host}:${port}/${database}`;
}
