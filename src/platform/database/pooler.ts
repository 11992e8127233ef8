import pg from 'pg';
import { ConfigurationError } from '../config/configuration-error.js';
import type { DatabaseSettings } from '../config/database-settings.js';
import type { PlatformSettings } from '../config/platform-settings.js';
import { requestTimeLimits, sessionParameters, shortLivedClient } from './pg-client.js';

/** Time limit of a connection attempt and of a query. A second client may have to wait if the pooler is fully used. */
const ATTEMPT_MS = 5000;

/**
 * Whether a pooler (PgBouncer, RDS Proxy) answers instead of PostgreSQL: it reports generated process ids.
 */
export function isPooled(client: pg.Client, backendPid: number): boolean {
  return (client as { processID?: number }).processID !== backendPid;
}

/**
 * Whether a client of a pooler gets another session of PostgreSQL after its transaction, while a second client holds
 * the first session. In session mode that never happens; in transaction mode it nearly always does.
 */
export async function isTransactionPooled(
  client: pg.Client,
  backendPid: number,
  settings: DatabaseSettings,
): Promise<boolean> {
  const rival = shortLivedClient(settings, ATTEMPT_MS);
  try {
    const isHolding = await rival.connect().then(
      async () => rival.query('BEGIN').then(Boolean, () => false),
      () => false,
    );
    if (!isHolding) return false;
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return rows[0]?.pid !== backendPid;
  } finally {
    await rival.end().catch(() => undefined);
  }
}

/** A parameter that the role lacks. */
interface Missing {
  name: string;
  wanted: string;
}

/**
 * The SQL that gives the role the parameters it lacks for a pooler in transaction mode, where no session can be set up.
 *
 * @returns undefined if nothing is missing
 */
export async function missingRoleParameters(
  settings: DatabaseSettings,
  environment: Pick<PlatformSettings, 'DB_STATEMENT_TIMEOUT_MS'>,
): Promise<string | undefined> {
  const wanted = Object.entries(sessionParameters(settings, requestTimeLimits(environment)));
  const client = shortLivedClient(settings, ATTEMPT_MS);
  await client.connect();
  try {
    const missing: Missing[] = [];
    for (const [name, value] of wanted) {
      // The wanted value as the server writes it; the transaction is rolled back.
      const canonical = `SELECT set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true)`;
      const results = (await client.query(
        `BEGIN; SHOW ${name}; ${canonical}; ROLLBACK`,
      )) as unknown as pg.QueryResult[];
      const [, current, expected] = results.map(({ rows }) => Object.values((rows[0] ?? {}) as object)[0] as unknown);
      if (current !== expected) missing.push({ name, wanted: value });
    }
    return missing.length === 0 ? undefined : missing.map((each) => alterRole(settings.user, each)).join(' ');
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A list of names is not quoted, because in quotes it would be a single name. */
function alterRole(user: string, { name, wanted }: Missing): string {
  const value = name === 'search_path' || /^\d+$/.test(wanted) ? wanted : pg.escapeLiteral(wanted);
  return `ALTER ROLE ${pg.escapeIdentifier(user)} SET ${name} = ${value};`;
}

/**
 * Checks, with DATABASE_POOL_MODE=transaction, that the role has the parameters that cannot be set on a session.
 *
 * @throws ConfigurationError with the SQL that is missing
 */
export async function checkRoleParameters(
  settings: DatabaseSettings,
  environment: Pick<PlatformSettings, 'DB_STATEMENT_TIMEOUT_MS'>,
): Promise<void> {
  if (settings.poolMode !== 'transaction') return;
  const sql = await missingRoleParameters(settings, environment);
  if (sql !== undefined) throw new ConfigurationError(describeMissing(sql));
}

export function describeMissing(sql: string): string {
  return `With DATABASE_POOL_MODE=transaction, the role itself must have the parameters that the service otherwise sets on each session. Run ${sql} Then close the pooler's old connections (RECONNECT in the console of PgBouncer) and start the service again.`;
}
