import { AsyncResource } from 'node:async_hooks';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { DisposableClient } from './pg-client.js';

const log = new Logger('Database');

/**
 * A connection that logs every statement when it has ended: its text, its duration in ms, and its number of rows or the
 * SQLSTATE of its failure. It never logs parameters, which are names, addresses and hashes.
 */
export class StatementLoggingClient extends DisposableClient {
  override query(...parameters: unknown[]): never {
    const [statement, ...others] = parameters;
    const report = reporter(statement);
    const callback = others.at(-1);
    if (typeof callback === 'function') {
      others[others.length - 1] = (error: unknown, result: unknown): void => {
        report(error, result);
        (callback as (error: unknown, result: unknown) => void)(error, result);
      };
    }
    const answer: unknown = super.query(statement, ...others);
    if (answer instanceof Promise) {
      answer.then(
        (result) => report(undefined, result),
        (error: unknown) => report(error, undefined),
      );
    }
    return answer as never;
  }
}

/** @returns a function to call at the end of the statement. It keeps the context of the request. */
function reporter(statement: unknown): (error: unknown, result: unknown) => void {
  const started = performance.now();
  const sql = typeof statement === 'string' ? statement : (statement as { text?: unknown } | null)?.text;
  return AsyncResource.bind((error: unknown, result: unknown): void => {
    const duration_ms = Math.round((performance.now() - started) * 1000) / 1000;
    const outcome = error ? { code: (error as { code?: unknown }).code } : { rows: rowCountOf(result) };
    log.debug({ sql, duration_ms, ...outcome, msg: 'statement' });
  });
}

/** The number of rows; undefined for several statements at once. */
function rowCountOf(result: unknown): unknown {
  return (result as { rowCount?: unknown } | null)?.rowCount ?? undefined;
}

/** A pool that hands over a connection in the context of the caller; pg's own uses the context of the previous user. */
class ContextPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: PoolCallback): void;
  override connect(callback?: PoolCallback): Promise<pg.PoolClient> | undefined {
    if (!callback) return super.connect();
    super.connect(AsyncResource.bind(callback));
    return undefined;
  }
}

type PoolCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void;

/** A driver for TypeORM whose statements are logged with the id of their request. */
export const loggingDriver = { ...pg, Pool: ContextPool };
