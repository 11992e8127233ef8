import { SqlStatement } from '../../../platform/database/sql-statement.js';

/**
 * Replaces what this process told, and reads what the others told within the last minute. There is one row for each
 * process, however many addresses there are. A row from the future was written before the clock was set back; its
 * negative age would let the demand grow. Up to a second, it is of a statement that began a moment later than this one.
 *
 * SQL because the upsert and the read are one round trip during a flood, with ages by the database's clock.
 */
export const EXCHANGE = new SqlStatement<{ process: string; demands: string }>(`
  WITH told AS (
    INSERT INTO hash_demands (process, demands) VALUES ($process, $demands)
    ON CONFLICT (process) DO UPDATE SET demands = excluded.demands, told_at = now()
  )
  SELECT demands, greatest(0, extract(epoch FROM now() - told_at) * 1000)::float8 AS age FROM hash_demands
   WHERE process <> $process AND told_at > now() - interval '1 minute' AND told_at < now() + interval '1 second'`);
