import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { SqlRunner } from '../platform/database/migrate.js';

/** The zone of SQLAlchemy's plain DateTime if the database is in UTC or if the zone does not matter. */
export const DEFAULT_ZONE = 'UTC';

/**
 * The possible time zones of the Python service's sessions: that of a new session of this service, and those that ALTER
 * DATABASE and ALTER ROLE set for roles that may insert accounts. `reset_val` is the value before any SET of this
 * service.
 */
const ZONES = `
  SELECT reset_val AS zone FROM pg_settings WHERE name = 'TimeZone'
  UNION
  SELECT substr(config, length('timezone=') + 1) FROM pg_db_role_setting, unnest(setconfig) AS config
   WHERE config ~* '^timezone=.*[a-z]'
     AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
     AND (setrole = 0 OR has_table_privilege(setrole, to_regclass('users')::oid, 'INSERT'))
   ORDER BY 1`;

/** A time without zone, read in a zone and written as RFC 3339 in UTC. */
const readIn = (column: string, zone: string): string =>
  `to_char(${column} AT TIME ZONE ${zone} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

interface Reading {
  id: number;
  zone: string;
  written: string;
  asUtc: string;
  inZone: string;
}

/** For each zone of $1, the newest account whose times differ from their reading as UTC. */
const newestSql = (columns: readonly string[]): string => {
  const differs = columns.map((name) => `${name} AT TIME ZONE zone <> ${name} AT TIME ZONE 'UTC'`).join(' OR ');
  const newest = `greatest(${columns.join(', ')})`;
  return `
    SELECT id, zone, to_char(newest, 'YYYY-MM-DD HH24:MI:SS') AS written,
           ${readIn('newest', `'UTC'`)} AS "asUtc", ${readIn('newest', 'zone')} AS "inZone"
      FROM unnest($1::text[]) AS zones (zone)
     CROSS JOIN LATERAL (SELECT id, ${newest} AS newest FROM users WHERE ${differs}
                          ORDER BY ${newest} DESC, id DESC LIMIT 1) AS account`;
};

/**
 * Refuses times without a zone that may not be in UTC. `now()` stores the session's local time in such a column,
 * `datetime.utcnow()` stores UTC, and the table does not show which of them was used.
 *
 * @param columns the columns of `users` that have times without a zone
 * @param adoptTimezone the zone that the operator sets (ADOPT_TIMEZONE)
 * @throws ConfigurationError with the readings of the newest account
 */
export async function refuseAmbiguousTimes(
  runner: SqlRunner,
  columns: readonly string[],
  adoptTimezone: string | undefined,
): Promise<void> {
  if (columns.length === 0 || adoptTimezone !== undefined) return;
  const zones = ((await runner.query(ZONES)) as { zone: string }[]).map(({ zone }) => zone);
  const readings = (await runner.query(newestSql(columns), [zones])) as Reading[];
  const [first] = readings;
  if (!first) return;
  throw new ConfigurationError(
    [
      'The times of the existing accounts have no time zone, and the sessions that wrote them may not have been in UTC; nothing was changed.',
      `The newest of them is ${first.written} of account ${first.id}:`,
      `  - written in UTC, it is ${first.asUtc}`,
      ...readings.map(({ zone, inZone }) => `  - written in ${zone}, it is ${inZone}`),
      `Set ADOPT_TIMEZONE to the correct zone (${[DEFAULT_ZONE, ...readings.map(({ zone }) => zone)].join(', ')}, …), then start again.`,
    ].join('\n'),
  );
}
