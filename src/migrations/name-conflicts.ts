import { QUEUE_SCHEMA } from '../jobs/job-queue-schema.js';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { SqlRunner } from '../platform/database/migrate.js';

/** The tables that each migration creates, except `users`. A test compares them with the migrations. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  CreateRateLimits1770000100000: ['rate_limits'],
  CreateAudit1770000300000: [
    'audit_events',
    'audit_events_default',
    'audit_details',
    'audit_details_default',
    'audit_unsealed',
    'audit_seals',
    'audit_checkpoints',
  ],
  CreateSessions1770000400000: ['sessions'],
  CreateOneTimeTokens1770000500000: ['one_time_tokens'],
  CreateHashDemands1770000700000: ['hash_demands'],
  AddLoginBudgets1770001000000: ['session_networks'],
  CreateDeletionNotices1770001400000: ['deletion_notices'],
};
/** The columns that each migration adds to an adopted table `users`. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  CreateOneTimeTokens1770000500000: ['email_verified_at', 'must_verify_email'],
  AddDisplayName1770000600000: ['display_name'],
  AddSessionEpochs1770001100000: ['session_epoch'],
};

/** The tables that these migrations have created, except `users` and those of the job queue. */
export function tablesOf(executed: readonly string[]): string[] {
  return executed.flatMap((migration) => TABLES[migration] ?? []);
}

const NAME_CONFLICTS = `
  SELECT CASE relkind WHEN 'v' THEN 'view ' WHEN 'i' THEN 'index ' WHEN 'S' THEN 'sequence ' ELSE 'table ' END
           || relname AS what, format('ALTER %s %I RENAME TO …', CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'i' THEN 'INDEX'
           WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, relname) AS remedy
    FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()::text) AND relname = ANY($1)
  UNION ALL
  SELECT 'column users.' || attname, format('ALTER TABLE users RENAME %I TO …', attname)
    FROM pg_attribute WHERE attrelid = to_regclass('users') AND attname = ANY($2) AND NOT attisdropped
  UNION ALL
  SELECT 'schema ' || nspname, format('ALTER SCHEMA %I RENAME TO …', nspname)
    FROM pg_namespace WHERE nspname = $3
   ORDER BY 1`;

/**
 * Checks before the migrations whether another application uses names that they need. Otherwise a migration would fail
 * after earlier ones have run. This can happen at an adoption and at an upgrade.
 *
 * @param executed the migrations that have run; undefined if none has
 * @throws ConfigurationError that lists the names
 */
export async function refuseNameConflicts(runner: SqlRunner, executed: readonly string[] | undefined): Promise<void> {
  const namesOfPending = (names: typeof TABLES): string[] =>
    Object.entries(names).flatMap(([migration, created]) => (executed?.includes(migration) ? [] : created));
  const tables = executed ? namesOfPending(TABLES) : ['schema_migrations', ...namesOfPending(TABLES)];
  // After the first migration, the schema may come from an interrupted migration of the queue, which is not one
  // transaction.
  const queue = executed ? null : QUEUE_SCHEMA;
  const taken = (await runner.query(NAME_CONFLICTS, [tables, namesOfPending(COLUMNS), queue])) as {
    what: string;
    remedy: string;
  }[];
  if (taken.length === 0) return;
  throw new ConfigurationError(
    [
      'The database already uses names that the service needs; nothing was changed:',
      ...taken.map(({ what, remedy }) => `  - ${what} (${remedy})`),
      'Rename them, also in the application that uses them, then start again.',
    ].join('\n'),
  );
}
