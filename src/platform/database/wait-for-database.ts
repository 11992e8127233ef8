import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ConfigurationError } from '../config/configuration-error.js';
import type { DatabaseSettings } from '../config/database-settings.js';
import type { DatabaseClient } from './database-client.js';
import { isDatabaseUnavailable } from './database-errors.js';
import { DatabaseUnreachableError } from './database-unreachable-error.js';
import { shortLivedClient } from './pg-client.js';
import { isPooled, isTransactionPooled } from './pooler.js';

const OLDEST_VERSION = 140_000;
const ATTEMPT_MS = 5000;

/**
 * Waits until PostgreSQL answers, with a line in the log for each new reason. With DATABASE_DIRECT_URL it waits for
 * both connections.
 *
 * @param seconds how long to wait; 0 waits forever
 * @returns the settings to use: `allow` and `prefer` are replaced by TLS or no TLS, depending on the server
 * @throws ConfigurationError for permanent failures: an invalid password, an unknown database, an old server
 * @throws DatabaseUnreachableError after the timeout
 */
export async function waitForDatabase(
  settings: DatabaseSettings,
  seconds: number,
  logger: Logger,
): Promise<DatabaseSettings> {
  const found = await waitForServer(settings, seconds, logger);
  if (!settings.direct) return found.settings;
  const direct = await waitForServer(settings.direct, seconds, logger);
  if (direct.identity !== found.identity) {
    throw new ConfigurationError(
      `DATABASE_DIRECT_URL leads to ${describeDatabase(settings.direct)}, which is not the same database as ${describeDatabase(settings)}`,
    );
  }
  return { ...found.settings, direct: direct.settings };
}

/** A database that can be used. */
interface Found {
  /** With the final `sslMode`. */
  settings: DatabaseSettings;
  /** Identifies a database of a server, through a pooler or directly. */
  identity: string | undefined;
}

async function waitForServer(settings: DatabaseSettings, seconds: number, logger: Logger): Promise<Found> {
  const deadline = seconds === 0 ? Infinity : performance.now() + seconds * 1000;
  let lastReason = '';
  for (;;) {
    const outcome = await tryOnce(settings);
    if (typeof outcome !== 'string') return outcome;
    if (performance.now() > deadline) {
      throw new DatabaseUnreachableError(
        `PostgreSQL at ${describeDatabase(settings)} did not answer within ${seconds} s (DB_WAIT_SECONDS): ${outcome}`,
      );
    }
    if (outcome !== lastReason) logger.warn(`waiting for PostgreSQL at ${describeDatabase(settings)}: ${outcome}`);
    lastReason = outcome;
    await sleep(500);
  }
}

/** @returns the database, or why the server is not there yet */
async function tryOnce(settings: DatabaseSettings): Promise<Found | string> {
  try {
    return await connectAs(settings);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    if (!isDatabaseUnavailable(error)) throw unusable(settings, error as Error);
    return reasonOf(error as Error);
  }
}

/** Connects as libpq does: `prefer` tries TLS first, `allow` tries it second. */
async function connectAs(settings: DatabaseSettings): Promise<Found> {
  if (settings.sslMode !== 'allow' && settings.sslMode !== 'prefer') return examine(settings);
  const plain: DatabaseSettings = { ...settings, sslMode: 'disable' };
  const [first, second] = settings.sslMode === 'allow' ? [plain, settings] : [settings, plain];
  try {
    return await examine(first);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return await examine(second).catch((other: unknown) => {
      // If the server has no TLS at all, the other attempt has the reason.
      throw offersNoTls(error) ? other : error;
    });
  }
}

/**
 * Failures that another mode may avoid: the server has no TLS, or its certificate or pg_hba.conf forbids the
 * connection.
 */
function isRefusal(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return offersNoTls(error) || code.startsWith('28') || isTlsFailure(code);
}

function offersNoTls(error: unknown): boolean {
  return (error as Error).message.includes('does not support SSL');
}

/** Codes of OpenSSL and of Node.js for certificates and handshakes. */
function isTlsFailure(code: string): boolean {
  return /^ERR_(SSL|TLS|OSSL)_|CERT|SELF_SIGNED|UNABLE_TO_/.test(code);
}

/** Facts about the server, from one query. */
interface Server {
  version: number;
  text: string;
  encoding: string;
  icu: boolean;
  pid?: number;
  identity?: string;
}

const SERVER = `
  SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS text,
         current_setting('server_encoding') AS encoding,
         EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') AS icu,
         pg_backend_pid() AS pid, extract(epoch FROM pg_postmaster_start_time()) || ' ' || current_database() AS identity`;

async function examine(settings: DatabaseSettings): Promise<Found> {
  const client = shortLivedClient(settings, ATTEMPT_MS);
  try {
    await client.connect();
    const { rows } = await client.query<Server>(SERVER);
    const server = rows[0];
    if (!server) throw new Error('Connection terminated');
    const problem = problemOf(server) ?? (await problemOfPooler(client, server, settings));
    if (problem) throw new ConfigurationError(`PostgreSQL at ${describeDatabase(settings)} cannot be used: ${problem}`);
    return { settings, identity: server.identity };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function problemOfPooler(
  client: DatabaseClient,
  { pid }: Server,
  settings: DatabaseSettings,
): Promise<string | undefined> {
  if (pid === undefined || settings.poolMode === 'transaction' || !isPooled(client, pid)) return undefined;
  return (await isTransactionPooled(client, pid, settings))
    ? 'a pooler in transaction mode is in front of it; set DATABASE_POOL_MODE=transaction, or set its pool_mode to session (docs/operations/postgresql.md)'
    : undefined;
}

function problemOf(server: Server): string | undefined {
  if (server.version < OLDEST_VERSION) return `it is version ${server.text}; 14 to 18 are supported`;
  if (server.encoding !== 'UTF8')
    return `the database is encoded in ${server.encoding}; create it with ENCODING 'UTF8'`;
  if (!server.icu) return 'it was built without ICU collations, which case-insensitive names need';
  return undefined;
}

/** A permanent failure, such as SQLSTATE 28 (authorization) or 3D000 (no such database). */
function unusable(settings: DatabaseSettings, error: Error): Error {
  const code: unknown = 'code' in error ? error.code : undefined;
  const remedy = remedyOf(String(code), settings);
  return new ConfigurationError(
    `PostgreSQL at ${describeDatabase(settings)} refused the connection: ${error.message}; ${remedy}`,
  );
}

function remedyOf(code: string, { database }: DatabaseSettings): string {
  if (code === '3D000') return `create it (createdb ${database}), or set PGDATABASE or DATABASE_URL`;
  if (isTlsFailure(code)) return 'check PGSSLMODE and PGSSLROOTCERT, or sslmode and sslrootcert in DATABASE_URL';
  // A run-time parameter that the server does not know (42704), or not with this value (22023).
  if (/^(42|22)/.test(code)) return 'check PGOPTIONS, or options in DATABASE_URL';
  return 'check PGUSER, PGPASSWORD, PGSSLMODE or DATABASE_URL';
}

function reasonOf(error: Error): string {
  if (error instanceof AggregateError) return (error.errors as Error[]).map(({ message }) => message).join(', ');
  return error.message;
}

export function describeDatabase({ host, port, database }: DatabaseSettings): string {
  return `${host}:${port}/${database}`;
}
