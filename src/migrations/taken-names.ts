import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { SqlRunner } from './users-adoption.js';

/** What the migrations create beside `users`, in the schema that they create it in; a test holds it to them. */
const TABLES = [
  'schema_migrations',
  'rate_limits',
  'hash_demands',
  'audit_events',
  'audit_events_default',
  'audit_details',
  'audit_details_default',
  'audit_unsealed',
  'audit_seals',
  'audit_checkpoints',
  'sessions',
  'one_time_tokens',
];
/** What they add to an adopted `users`. */
const COLUMNS = ['email_verified_at', 'must_verify_email', 'display_name'];

/**
 * Looks, before the first migration, for names that one of them needs and another application has: it would fail there,
 * with those before it done.
 *
 * @throws ConfigurationError that names them
 */
export async function refuseTakenNames(runner: SqlRunner): Promise<void> {
  const taken = (await runner.query(
    `SELECT CASE relkind WHEN 'v' THEN 'view ' WHEN 'i' THEN 'index ' WHEN 'S' THEN 'sequence ' ELSE 'table ' END
              || relname AS what, format('ALTER %s %I RENAME TO …', CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'i' THEN 'INDEX'
              WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, relname) AS remedy
       FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()::text) AND relname = ANY($1)
     UNION ALL
     SELECT 'column users.' || attname, format('ALTER TABLE users RENAME %I TO …', attname)
       FROM pg_attribute WHERE attrelid = to_regclass('users') AND attname = ANY($2) AND NOT attisdropped
      ORDER BY 1`,
    [TABLES, COLUMNS],
  )) as { what: string; remedy: string }[];
  if (taken.length === 0) return;
  throw new ConfigurationError(
    [
      'The service needs names that the database has for something else already; nothing was changed:',
      ...taken.map(({ what, remedy }) => `  - ${what} (${remedy})`),
      'Rename them, and where the other application uses them, too; then start again.',
    ].join('\n'),
  );
}
