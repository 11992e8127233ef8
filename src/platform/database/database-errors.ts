// Unlike instanceof, it recognizes errors of Node's own modules from every realm.
import { isNativeError } from 'node:util/types';
import type { AppError } from '../http/app-error.js';
import { defineError } from '../http/error-catalogue.js';

/** The database recovers without the client's help (RFC 9110 section 10.2.3). */
const RETRY_SOON = { 'retry-after': '2' };

export const databaseUnavailable = defineError({
  code: 'database.unavailable',
  status: 503,
  title: 'Database unavailable',
  detail: 'The database is not available at the moment. Please try again.',
  about:
    'The database is down, restarting or overloaded. Try again after `Retry-After` seconds. The requested change may have been made.',
  headers: RETRY_SOON,
});

export const databaseContended = defineError({
  code: 'database.contended',
  status: 503,
  title: 'Database contended',
  detail: 'Too many requests are changing the same data at the moment. Please try again.',
  about:
    'The request conflicted with others on the same rows, even after three retries. Nothing was changed. Try again after `Retry-After` seconds.',
  headers: RETRY_SOON,
});

/** SQLSTATE classes and codes of temporary failures: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNAVAILABLE_STATES = [
  /^08/, // connection exceptions
  /^53/, // insufficient resources: too_many_connections, disk_full, out_of_memory
  /^57(014|P0[1-5])$/, // cancelled by a time limit, shutting down, starting up, dropped, idle timeout
  /^55P03$/, // lock not available
  /^25(006|P0[34])$/, // read-only after a failover, idle in transaction, transaction timeout
];
const SOCKET = /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** The driver's own errors have no code. */
const DRIVER =
  /^(Connection terminated|timeout e(xceeded when trying to connect|xpired)|Query read timeout|Client has encountered a connection error|Client was closed|Connection ended unexpectedly)/;

/** Serialization failure and deadlock: PostgreSQL rolled the transaction back, and a retry may succeed. */
const TRANSIENT = new Set(['40001', '40P01']);

/**
 * Whether an error of the driver or of TypeORM means that the database is unavailable, not that a statement is wrong.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!isNativeError(error)) return false;
  // Fastify sets it on errors of a request: a client that disconnects while it sends a body is an ECONNRESET too.
  if ('statusCode' in error) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isDatabaseUnavailable);
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && (SOCKET.test(code) || UNAVAILABLE_STATES.some((pattern) => pattern.test(code))))
    return true;
  // A missing Unix socket. Other missing files have nothing to do with the database.
  if (code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') return true;
  if (DRIVER.test(error.message)) return true;
  return 'driverError' in error && error.driverError !== error && isDatabaseUnavailable(error.driverError);
}

/** Whether the server refused a new connection because the database was dropped or is restored, or the role changed. */
function isConnectionRefused(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && /^(28...|3D000)$/.test(String(error.code));
}

/** Translates errors of an unavailable database and of conflicting transactions into a 503 with Retry-After. */
export function databaseErrors(error: unknown): AppError | undefined {
  if (transientState(error) !== undefined) return databaseContended({ cause: error });
  return isDatabaseUnavailable(error) || isConnectionRefused(error) ? databaseUnavailable({ cause: error }) : undefined;
}

/** The SQLSTATE of a transaction that PostgreSQL rolled back and that can be retried; undefined for other errors. */
export function transientState(error: unknown): string | undefined {
  const state = sqlStateOf(error);
  return state !== undefined && TRANSIENT.has(state) ? state : undefined;
}

/** Whether a write failed because the row would repeat a unique value (SQLSTATE 23505). */
export function isUniqueViolation(error: unknown): boolean {
  return sqlStateOf(error) === '23505';
}

/**
 * Whether rows that refer to a row prevent its deletion: NO ACTION (23503), RESTRICT (23001 since PostgreSQL 18), or
 * SET NULL of a column that is NOT NULL (23502).
 */
export function isForeignKeyViolation(error: unknown): boolean {
  return ['23503', '23001', '23502'].includes(sqlStateOf(error) ?? '');
}

/** The table and the constraint of a database error, for the log. */
export function constraintOf(error: unknown): { table: string; constraint: string } {
  const { table = 'an unknown table', constraint = 'unnamed' } = driverErrorOf(error) ?? {};
  return { table, constraint };
}

/** The code of the driver's error, which TypeORM may have wrapped. */
function sqlStateOf(error: unknown): string | undefined {
  const code = driverErrorOf(error)?.code;
  return typeof code === 'string' ? code : undefined;
}

function driverErrorOf(error: unknown): { code?: unknown; table?: string; constraint?: string } | undefined {
  if (!(error instanceof Error)) return undefined;
  return ('driverError' in error ? error.driverError : error) as { code?: unknown } | undefined;
}
