import { setTimeout as sleep } from 'node:timers/promises';
import { Counter } from 'prom-client';
import type { DataSource, EntityManager } from 'typeorm';
import type { IsolationLevel } from 'typeorm/driver/types/IsolationLevel.js';
import { transientState } from './database-errors.js';

/** After the first try. */
const MAX_RETRIES = 3;
/** Longest pause before the first retry; it doubles with each one. */
const FIRST_PAUSE_MS = 25;

/** Of this process; `DatabaseModule` shows it among the service's metrics. */
export const databaseRetries = new Counter({
  name: 'db_retries_total',
  help: 'Transactions and statements tried again after a serialization failure (40001) or a deadlock (40P01).',
  labelNames: ['sqlstate'] as const,
  registers: [],
});
for (const sqlstate of ['40001', '40P01']) databaseRetries.inc({ sqlstate }, 0);

/**
 * Does `work` in one transaction; what it throws undoes all of it. A transaction that PostgreSQL undid for the sake of
 * others is done again from the start, in a new one, up to three times.
 *
 * `work` may therefore run four times: it writes through `tx` and nothing else, and announces nothing; who has something
 * to announce does so after the return. It lets errors of the database pass, because a transaction in which one was
 * swallowed ends without a word and without effect.
 *
 * A connection that is lost while the transaction is being committed is an error: whether it was, nobody knows.
 *
 * @throws the error of the last try, which is a 503 `database.contended` where it is one of collision
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
 * The same for one statement outside of any transaction, which is one of its own. Never within one: PostgreSQL has then
 * undone what stood before it too.
 */
export async function retryTransient<T>(attempt: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const sqlstate = transientState(error);
      if (sqlstate === undefined || retries === MAX_RETRIES) throw error;
      databaseRetries.inc({ sqlstate });
      // Of random length: who collided once would collide again in step.
      await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** retries);
    }
  }
}
