import { Logger } from 'graphile-worker';

/** A log line without its time. */
export interface LogFields {
  msg: string;
  [field: string]: unknown;
}

/** Messages about attempts, which `JobExecutor` logs with fields and without a stack in the text. */
const LOGGED_BY_EXECUTOR = /^(Completed|Failed) task /;

/**
 * Writes graphile-worker's warnings and errors to the service's log. Only the error is taken from the metadata, which
 * contains whole jobs.
 */
export function graphileLogger(write: (fields: LogFields) => void): Logger {
  return new Logger(() => (level, message, meta) => {
    const severity: string = level;
    if ((severity !== 'error' && severity !== 'warning') || LOGGED_BY_EXECUTOR.test(message)) return;
    const cause = meta?.error ?? meta?.fatalError;
    write({ ...(cause instanceof Error && { err: cause }), msg: `job queue: ${message.split('\n', 1)[0] ?? ''}` });
  });
}
