import { setTimeout as sleep } from 'node:timers/promises';
import { Counter } from 'prom-client';
import type { DataSource, EntityManager } from 'typeorm';
import type { IsolationLevel } from 'typeorm/driver/types/IsolationLevel.js';
import { transientState } from './database-errors.js';

/** Retries after the first attempt. */
const MAX_RETRIES = 3;
/** Maximum pause before the first retry. It doubles with each retry. */
const FIRST_PAUSE_MS = 25;

/** The retries of this process. `DatabaseModule` registers the metric. */
export const databaseRetries = new Counter({
  name: 'db_retries_total',
  help: 'Transactions and statements retried after a serialization failure (40001) or a deadlock (40P01).',
  labelNames: ['sqlstate'] as const,
  registers: [],
});
for (const sqlstate of ['40001', '40P01']) databaseRetries.inc({ sqlstate }, 0);

/**
 * Runs `work` in one transaction and rolls it back if `work` throws. After a serialization failure or a deadlock, it
 * runs `work` again in a new transaction, up to three times.
 *
 * Because `work` may run four times, it must have no effects except through `tx`; send notifications after the return.
 * It must not swallow database errors: PostgreSQL would then roll back the transaction silently.
 *
 * If the connection is lost during the commit, this throws, although the transaction may have been committed.
 *
 * @throws the error of the last attempt, which becomes a 503 `database.contended` after a conflict
 */
export async function inTransaction<T>(
  dataSource: DataSource,
  work: (tx: EntityManager) => Promise<T>,
  { isolation }: { isolation?: IsolationLevel } = {},
): Promise<T> {
  return retryTransient(async () =>
    isolation === undefined ? dataSource.transaction(work) : dataSource.transaction(isolation, work),
  );
}

/**
 * Retries a single statement outside of a transaction. Do not use it inside a transaction, because PostgreSQL has then
 * also rolled back the earlier statements.
 */
export async function retryTransient<T>(attempt: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const sqlstate = transientState(error);
      if (sqlstate === undefined || retries === MAX_RETRIES) throw error;
      databaseRetries.inc({ sqlstate });
      // Random, so that the same transactions do not conflict again.
      await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** retries);
    }
  }
}
