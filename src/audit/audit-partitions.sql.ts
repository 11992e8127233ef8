import { SqlStatement } from '../platform/database/sql-statement.js';

/** SQL because a database function creates the partitions with the rights of their owner. */
export const CREATE_PARTITIONS = new SqlStatement<{ monthsAhead: number }>(`
  SELECT audit_make_month(((now() AT TIME ZONE 'UTC') + ahead * interval '1 month')::date)
    FROM generate_series(0, $monthsAhead::int) AS ahead`);

/**
 * Drops the months whose last day has expired by the database's clock.
 *
 * SQL because a database function drops the partitions with the rights of their owner.
 */
export const DROP_PARTITIONS = new SqlStatement<{ keptDays: number }>(`
  SELECT audit_drop_before(day)::int AS events, to_char(date_trunc('month', day::timestamp), 'YYYY-MM-DD') AS before
    FROM (SELECT ((now() AT TIME ZONE 'UTC') - $keptDays * interval '1 day')::date AS day) AS oldest`);
