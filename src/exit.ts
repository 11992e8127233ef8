import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { EmbeddedPostgresError } from './dev-database/embedded-postgres-error.js';
import { ConfigurationError, EXIT_CONFIGURATION } from './platform/config/configuration-error.js';
import { DatabaseUnreachableError } from './platform/database/database-unreachable-error.js';
import { formatHostPort } from './platform/http/host-port.js';

/** Errors whose message is written for an operator. */
const OPERATOR_ERRORS = [ConfigurationError, EmbeddedPostgresError, DatabaseUnreachableError];

/** A log on a disk that hangs must not keep the process. */
const FLUSH_TIMEOUT_MS = 1000;

/** Ends the process with a line that a person understands, or the whole error when nobody foresaw it. */
export async function exitWith(error: unknown): Promise<never> {
  await waitAtMost(FLUSH_TIMEOUT_MS, written(process.stderr, `${explain(error)}\n`));
  process.exit(error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1);
}

/** Waits until what was logged is written: in PM2's cluster mode stdout is a file that is written behind our back. */
export async function flushed(logger: Logger): Promise<void> {
  const lines = new Promise<void>((resolve) => logger.flush(() => resolve()));
  await waitAtMost(
    FLUSH_TIMEOUT_MS,
    lines.then(() => written(process.stdout, '')),
  );
}

async function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  // Whoever read it may be gone.
  stream.on('error', () => undefined);
  // With the encoding: PM2 puts a function of its own here, which finds the callback in third place only.
  await new Promise((resolve) => stream.write(text, 'utf8', resolve));
}

async function waitAtMost(milliseconds: number, work: Promise<void>): Promise<void> {
  const patience = new AbortController();
  await Promise.race([work, sleep(milliseconds, undefined, patience).catch(() => undefined)]);
  patience.abort();
}

/** @returns one message without a stack for what an operator can mend */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (OPERATOR_ERRORS.some((explained) => error instanceof explained)) return error.message;
  const { code, syscall, port, address, hostname } = error as Error & Record<string, unknown>;
  if (syscall === 'getaddrinfo') return `No address is known for the name ${String(hostname)}. Check APP_HOST.`;
  if (syscall !== 'listen') return error.stack ?? error.message;
  const place = formatHostPort(String(address), Number(port));
  if (code === 'EADDRINUSE') {
    return `The port is in use: another program listens on ${place}. Stop it, or set APP_PORT.`;
  }
  if (code === 'EACCES') return `This user may not listen on ${place}: ports below 1024 need a right. Set APP_PORT.`;
  if (code === 'EAFNOSUPPORT') return `APP_HOST=${String(address)} needs IPv6, which this machine does not have.`;
  if (code === 'EADDRNOTAVAIL') return `APP_HOST is no address of this machine: ${String(address)}.`;
  return error.stack ?? error.message;
}
