// Unlike instanceof it knows the errors of Node's own modules wherever they were made.
import { isNativeError } from 'node:util/types';

/** Properties that say where and why something failed, and never what was written. */
const LOGGED_PROPERTIES = [
  'code',
  'syscall',
  'address',
  'port',
  'severity',
  'schema',
  'table',
  'column',
  'constraint',
  'routine',
];

/** Deeper causes are cut: an error may be its own cause. */
const MAX_CAUSES = 5;

/**
 * An error as the log may hold it: type, message, stack, causes and what `LOGGED_PROPERTIES` lists. Everything else is left out,
 * because a failed statement carries its parameters and PostgreSQL's `detail` quotes the row, password hash and all
 *.
 */
export function serializeError(error: unknown, depth = 0): unknown {
  if (!isNativeError(error)) return { type: typeof error };
  const properties = error as Error & Readonly<Record<string, unknown>>;
  const loggable: Record<string, unknown> = { type: error.name, message: error.message, stack: error.stack };
  for (const name of LOGGED_PROPERTIES) if (properties[name] !== undefined) loggable[name] = properties[name];
  if (depth === MAX_CAUSES) return loggable;
  if (error.cause !== undefined) loggable.cause = serializeError(error.cause, depth + 1);
  if ('errors' in error && Array.isArray(error.errors)) {
    loggable.errors = error.errors.map((each) => serializeError(each, depth + 1));
  }
  return loggable;
}
