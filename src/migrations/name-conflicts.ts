import { QUEUE_SCHEMA } from '../jobs/job-queue-schema.js';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { SqlRunner } from '../platform/database/migrate.js';

/** What each migration creates beside `users`, in the schema that it creates it in; a test holds it to them. */
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
/** What each adds to an adopted `users`. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  CreateOneTimeTokens1770000500000: ['email_verified_at', 'must_verify_email'],
  AddDisplayName1770000600000: ['display_name'],
  AddSessionEpochs1770001100000: ['session_epoch'],
};

/** The tables that these migrations have created, `users` and the job queue aside. */
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
 * Looks, before migrations run, for names that one of them needs and another application has: it would fail there, with
 * those before it done. An upgrade can meet them as well as an adoption.
 *
 * @param executed the migrations that the database has had; undefined where none of ours ever ran
 * @throws ConfigurationError that names them
 */
export async function refuseNameConflicts(runner: SqlRunner, executed: readonly string[] | undefined): Promise<void> {
  const ofPending = (names: typeof TABLES): string[] =>
    Object.entries(names).flatMap(([migration, created]) => (executed?.includes(migration) ? [] : created));
  const tables = executed ? ofPending(TABLES) : ['schema_migrations', ...ofPending(TABLES)];
  // Its migrations are not one transaction: in a database of ours the schema may be what was cut off.
  const queue = executed ? null : QUEUE_SCHEMA;
  const taken = (await runner.query(NAME_CONFLICTS, [tables, ofPending(COLUMNS), queue])) as {
    what: string;
    remedy: string;
  }[];
  if (taken.length === 0) return;
  throw new ConfigurationError(
    [
      'The service needs names that the database has for something else already; nothing was changed:',
      ...taken.map(({ what, remedy }) => `  - ${what} (${remedy})`),
      'Rename them, and where the other application uses them, too; then start again.',
    ].join('\n'),
  );
}
