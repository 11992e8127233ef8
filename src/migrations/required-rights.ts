import { QUEUE_SCHEMA } from '../jobs/job-queue-schema.js';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { SqlRunner } from '../platform/database/migrate.js';
import { tablesOf } from './name-conflicts.js';

/**
 * The rights that the role lacks, and the statements that grant them. $1: existing tables, $2: whether the job queue is
 * pending.
 */
const MISSING = `
  SELECT format('CREATE on the schema %s', schema) AS what,
         format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', schema, current_user) AS remedy
    FROM coalesce(current_schema(), 'public') AS schema
   WHERE NOT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)
  UNION ALL
  SELECT format('CREATE on the database %s, for the schema of the job queue', current_database()),
         format('GRANT CREATE ON DATABASE %I TO %I', current_database(), current_user)
   WHERE $2 AND to_regnamespace('${QUEUE_SCHEMA}') IS NULL AND NOT has_database_privilege(current_database(), 'CREATE')
  UNION ALL
  SELECT 'ownership of the schema ${QUEUE_SCHEMA}', format('ALTER SCHEMA ${QUEUE_SCHEMA} OWNER TO %I', current_user)
    FROM pg_namespace WHERE $2 AND nspname = '${QUEUE_SCHEMA}' AND NOT pg_has_role(nspowner, 'USAGE')
  UNION ALL
  SELECT 'ownership of the table ' || oid::regclass, format('ALTER TABLE %s OWNER TO %I', oid::regclass, current_user)
    FROM pg_class WHERE oid IN (SELECT to_regclass(name) FROM unnest($1::text[]) AS name) AND NOT pg_has_role(relowner, 'USAGE')
   ORDER BY 1`;

/**
 * Checks before the migrations whether the role has the rights that they need. PostgreSQL would report a missing right
 * only after the first ones have run.
 *
 * @param executed the migrations that have run; undefined if none has
 * @param isQueuePending whether the job queue has yet to be created
 * @throws ConfigurationError that names each missing right and the statement that grants it
 */
export async function refuseMissingRights(
  runner: SqlRunner,
  executed: readonly string[] | undefined,
  isQueuePending: boolean,
): Promise<void> {
  const tables = ['users', ...tablesOf(executed ?? [])];
  const missing = (await runner.query(MISSING, [tables, isQueuePending])) as { what: string; remedy: string }[];
  if (missing.length === 0) return;
  const [{ role = '' } = {}] = (await runner.query('SELECT current_user AS role')) as { role?: string }[];
  throw new ConfigurationError(
    [
      `The role ${role} may not change the schema; nothing was changed. It lacks:`,
      ...missing.map(({ what, remedy }) => `  - ${what} (${remedy})`),
      'Grant it, or run `node dist/cli.js migration:run` as the owner of the database; then start again.',
    ].join('\n'),
  );
}
