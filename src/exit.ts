import { ConfigurationError, EXIT_CONFIGURATION } from './platform/config/configuration-error.js';
import { EmbeddedPostgresError } from './platform/database/embedded/embedded-postgres-error.js';
import { DatabaseUnreachableError } from './platform/database/wait-for-database.js';

/** Errors whose message is written for an operator. */
const EXPLAINED = [ConfigurationError, EmbeddedPostgresError, DatabaseUnreachableError];

/** Ends the process with a line that a person understands, or the whole error when nobody foresaw it. */
export function endWith(error: unknown): never {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1);
}

/** @returns one message without a stack for what an operator can mend */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (EXPLAINED.some((explained) => error instanceof explained)) return error.message;
  const { code, syscall, port, address, hostname } = error as Error & Record<string, unknown>;
  if (syscall === 'getaddrinfo') return `No address is known for the name ${String(hostname)}. Check APP_HOST.`;
  if (syscall !== 'listen') return error.stack ?? error.message;
  const place = `${String(address)}:${String(port)}`;
  if (code === 'EADDRINUSE') {
    return `The port is in use: another program listens on ${place}. Stop it, or set APP_PORT.`;
  }
  if (code === 'EACCES') return `This user may not listen on ${place}: ports below 1024 need a right. Set APP_PORT.`;
  if (code === 'EADDRNOTAVAIL') return `APP_HOST is no address of this machine: ${String(address)}.`;
  return error.stack ?? error.message;
}
