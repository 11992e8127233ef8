// Unlike instanceof, it recognizes errors of Node's own modules from every realm.
import { isNativeError } from 'node:util/types';
import { sourceStack } from './source-stack.js';

/** Properties that show where and why something failed. They never contain data of a row. */
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

/** Limit of nested causes, because an error may be its own cause. */
const MAX_CAUSES = 5;

/**
 * The loggable form of an error: type, message, stack, causes and the properties in `LOGGED_PROPERTIES`. The others are
 * left out, because a failed statement has its parameters, and PostgreSQL's `detail` quotes the row with its password
 * hash.
 */
export function serializeError(error: unknown, depth = 0): unknown {
  if (!isNativeError(error)) return { type: typeof error };
  const properties = error as Error & Readonly<Record<string, unknown>>;
  const loggable: Record<string, unknown> = { type: error.name, message: error.message, stack: sourceStack(error) };
  for (const name of LOGGED_PROPERTIES) if (properties[name] !== undefined) loggable[name] = properties[name];
  if (depth === MAX_CAUSES) return loggable;
  if (error.cause !== undefined) loggable.cause = serializeError(error.cause, depth + 1);
  if ('errors' in error && Array.isArray(error.errors)) {
    loggable.errors = error.errors.map((each) => serializeError(each, depth + 1));
  }
  return loggable;
}
