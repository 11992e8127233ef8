import { AsyncResource } from 'node:async_hooks';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { DisposableClient } from './pg-client.js';

const log = new Logger('Database');

/**
 * A connection that logs every statement once it has ended: its text, its time in ms, and how many rows it met or the
 * SQLSTATE that it failed with. Never its parameters, which are names, addresses and hashes.
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

/** @returns what to call at its end, which happens in the context of the connection: the request's is kept for it */
function reporter(statement: unknown): (error: unknown, result: unknown) => void {
  const started = performance.now();
  const sql = typeof statement === 'string' ? statement : (statement as { text?: unknown } | null)?.text;
  return AsyncResource.bind((error: unknown, result: unknown): void => {
    const duration_ms = Math.round((performance.now() - started) * 1000) / 1000;
    const outcome = error ? { code: (error as { code?: unknown }).code } : { rows: rowCountOf(result) };
    log.debug({ sql, duration_ms, ...outcome, msg: 'statement' });
  });
}

/** Undefined for several statements at once. */
function rowCountOf(result: unknown): unknown {
  return (result as { rowCount?: unknown } | null)?.rowCount ?? undefined;
}

/** Hands a connection over in the context of who asked for it; pg's own does so in that of who gave it back. */
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

/** The driver for TypeORM, for statements that are logged with the id of their request. */
export const loggingDriver = { ...pg, Pool: ContextPool };
