import type { DataSource } from 'typeorm';
import { claimsOf } from './forged-tokens.js';
import { until } from './until.js';

/** The session id of an access token. */
export function sessionOf(accessToken: string): string {
  return String(claimsOf(accessToken).sid);
}

/**
 * Runs a statement in a transaction that commits only once another transaction waits for its lock.
 *
 * @param meanwhile the work that waits for the lock
 */
export async function whileHeld<Result>(
  dataSource: DataSource,
  change: [sql: string, values: unknown[]],
  meanwhile: () => Promise<Result>,
): Promise<Result> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query(...change);
    const waiting = meanwhile();
    await until(async () => {
      const [blocked] = await dataSource.query<{ waiters: number }[]>(
        `SELECT count(*)::int AS waiters FROM pg_stat_activity
         WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`,
      );
      return (blocked?.waiters ?? 0) > 0;
    });
    await runner.commitTransaction();
    return await waiting;
  } finally {
    await runner.release();
  }
}
