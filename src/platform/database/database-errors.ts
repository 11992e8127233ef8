// Unlike instanceof it knows the errors of Node's own modules wherever they were made.
import { isNativeError } from 'node:util/types';
import type { AppError } from '../http/app-error.js';
import { unavailable } from '../http/app-error.js';

/** SQLSTATE classes and codes that mean "not now": https://www.postgresql.org/docs/current/errcodes-appendix.html */
const AWAY = [
  /^08/, // connection exceptions
  /^53/, // insufficient resources: too_many_connections, disk_full, out_of_memory
  /^57(014|P0[1-5])$/, // cancelled by a time limit, shutting down, starting up, dropped, idle timeout
  /^55P03$/, // lock not available
  /^25(006|P0[34])$/, // read-only after a failover, idle in transaction, transaction timeout
  /^40(001|P01)$/, // serialization failure, deadlock
];
const SOCKET = /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** The driver's own failures have a text only. */
const DRIVER =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Connection ended unexpectedly)/;

/** Whether an error of the driver or of TypeORM says that the database cannot serve now, rather than that we erred. */
export function isDatabaseAway(error: unknown): boolean {
  if (!isNativeError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isDatabaseAway);
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && (SOCKET.test(code) || AWAY.some((pattern) => pattern.test(code)))) return true;
  // A Unix socket that is not there; of any other file that is missing the database knows nothing.
  if (code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') return true;
  if (DRIVER.test(error.message)) return true;
  return 'driverError' in error && error.driverError !== error && isDatabaseAway(error.driverError);
}

/** A new connection of a running service is refused: the database was dropped or is being restored, or the role changed. */
function isConnectionRefused(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && /^(28...|3D000)$/.test(String(error.code));
}

/** A database that is away is a 503 with Retry-After, never a 500 and never a wait (row B1). */
export function databaseErrors(error: unknown): AppError | undefined {
  return isDatabaseAway(error) || isConnectionRefused(error)
    ? unavailable('database.unavailable', 'The database is not available at the moment. Please try again.', error)
    : undefined;
}

/** Whether a write failed because the row would repeat a unique value (SQLSTATE 23505). */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = ('driverError' in error ? error.driverError : error) as { code?: unknown };
  return code === '23505';
}
