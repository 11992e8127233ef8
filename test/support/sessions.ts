import type { DataSource } from 'typeorm';
import { claimsOf } from './forged-tokens.js';
import { until } from './until.js';

/** The session that an access token belongs to. */
export function sessionOf(accessToken: string): string {
  return String(claimsOf(accessToken).sid);
}

/**
 * Does something in a transaction that is committed only when another one waits for a lock of it.
 *
 * @param meanwhile what will wait
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
