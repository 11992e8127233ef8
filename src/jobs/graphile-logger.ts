import { Logger } from 'graphile-worker';

/** A log line without its time. */
export interface LogFields {
  msg: string;
  [field: string]: unknown;
}

/** `JobExecutor` logs the attempts, with fields instead of a text that contains a stack. */
const LOGGED_BY_US = /^(Completed|Failed) task /;

/**
 * Writes graphile-worker's warnings and errors to the service's log. Its metadata contains whole jobs, so only the error is
 * taken from it.
 */
export function graphileLogger(write: (fields: LogFields) => void): Logger {
  return new Logger(() => (level, message, meta) => {
    const severity: string = level;
    if ((severity !== 'error' && severity !== 'warning') || LOGGED_BY_US.test(message)) return;
    const cause = meta?.error ?? meta?.fatalError;
    write({ ...(cause instanceof Error && { err: cause }), msg: `job queue: ${message.split('\n', 1)[0] ?? ''}` });
  });
}
