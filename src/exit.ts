import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { EmbeddedPostgresError } from './dev-database/embedded-postgres-error.js';
import { ConfigurationError, EXIT_CONFIGURATION } from './platform/config/configuration-error.js';
import { DatabaseUnreachableError } from './platform/database/database-unreachable-error.js';
import { formatHostPort } from './platform/http/host-port.js';
import { sourceStack } from './platform/logging/source-stack.js';

/** Errors whose message is written for an operator. */
const OPERATOR_ERRORS = [ConfigurationError, EmbeddedPostgresError, DatabaseUnreachableError];

/** Time limit for flushing the log, in case its disk hangs. */
const FLUSH_TIMEOUT_MS = 1000;

/** Exits with a message for the operator, or with the stack of an unexpected error, on stderr. */
export async function exitWith(error: unknown): Promise<never> {
  await waitAtMost(FLUSH_TIMEOUT_MS, written(process.stderr, `${explain(error)}\n`));
  process.exit(error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1);
}

/** Waits until all log lines are written. In PM2's cluster mode, stdout is a file that PM2 writes asynchronously. */
export async function flushed(logger: Logger): Promise<void> {
  const lines = new Promise<void>((resolve) => logger.flush(() => resolve()));
  await waitAtMost(
    FLUSH_TIMEOUT_MS,
    lines.then(() => written(process.stdout, '')),
  );
}

async function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  // The reader of the stream may have exited.
  stream.on('error', () => undefined);
  // PM2's replacement of `write` expects the callback as the third argument.
  await new Promise((resolve) => stream.write(text, 'utf8', resolve));
}

async function waitAtMost(milliseconds: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, sleep(milliseconds, undefined, timer).catch(() => undefined)]);
  timer.abort();
}

/** @returns a message without a stack for errors that an operator can fix */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (OPERATOR_ERRORS.some((type) => error instanceof type)) return error.message;
  const { code, syscall, port, address, hostname } = error as Error & Record<string, unknown>;
  if (syscall === 'getaddrinfo') return `The host name ${String(hostname)} has no known address. Check APP_HOST.`;
  if (syscall !== 'listen') return sourceStack(error) ?? error.message;
  const endpoint = formatHostPort(String(address), Number(port));
  if (code === 'EADDRINUSE') {
    return `The port is in use: another program listens on ${endpoint}. Stop it, or set APP_PORT.`;
  }
  if (code === 'EACCES') {
    return `Permission denied to listen on ${endpoint}: ports below 1024 need a privilege. Set APP_PORT.`;
  }
  if (code === 'EAFNOSUPPORT') return `APP_HOST=${String(address)} needs IPv6, which this machine does not have.`;
  if (code === 'EADDRNOTAVAIL') return `APP_HOST is not an address of this machine: ${String(address)}.`;
  return sourceStack(error) ?? error.message;
}
