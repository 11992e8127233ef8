import { Logger } from 'graphile-worker';

/** One line of the log, without the time. */
export interface LogFields {
  msg: string;
  [field: string]: unknown;
}

/** The tries themselves have lines of ours, with fields instead of a text that holds a stack. */
const TOLD_BY_US = /^(Completed|Failed) task /;

/**
 * graphile-worker's own warnings and errors in the service's log. What it passes beside them holds whole jobs, payload
 * included: of that the error alone is taken.
 */
export function libraryLogger(write: (fields: LogFields) => void): Logger {
  return new Logger(() => (level, message, meta) => {
    const severity: string = level;
    if ((severity !== 'error' && severity !== 'warning') || TOLD_BY_US.test(message)) return;
    const cause = meta?.error ?? meta?.fatalError;
    write({ ...(cause instanceof Error && { err: cause }), msg: `job queue: ${message.split('\n', 1)[0] ?? ''}` });
  });
}
