import { SqlStatement } from '../../../platform/database/sql-statement.js';

/**
 * Replaces the report of this process and returns the reports that other processes wrote within the last minute. Each
 * process has one row.
 *
 * Rows from the future are ignored: they were written before the clock was set back, and their negative age would make
 * the demand grow. A row may be up to a second ahead if its statement began slightly later than this one.
 *
 * SQL because the upsert and the read are one round trip during a flood, with ages by the database's clock.
 */
export const EXCHANGE = new SqlStatement<{ process: string; demands: string }>(`
  WITH report AS (
    INSERT INTO hash_demands (process, demands) VALUES ($process, $demands)
    ON CONFLICT (process) DO UPDATE SET demands = excluded.demands, told_at = now()
  )
  SELECT demands, greatest(0, extract(epoch FROM now() - told_at) * 1000)::float8 AS age FROM hash_demands
   WHERE process <> $process AND told_at > now() - interval '1 minute' AND told_at < now() + interval '1 second'`);
