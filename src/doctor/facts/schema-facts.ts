import type pg from 'pg';
import { type UnusableHashes, unusableHashes } from '../../migrations/password-hashes.js';
import type { AdoptionSettings } from '../../migrations/adoption.settings.js';
import { schema, schemaFor } from '../../migrations/schema.js';
import {
  databaseDriverOptions,
  executedMigrations,
  migrationNames,
  type SqlRunner,
} from '../../platform/database/migrate.js';
import { QUEUE_SCHEMA } from '../../jobs/job-queue-schema.js';

export interface SchemaFacts {
  /** Migrations of this build that have not run, oldest first. */
  pending: string[];
  /** Executed migrations that this build does not contain, because it is older than the database. */
  foreign: string[];
  /** The reason why the pending migrations would not run. Undefined if they would, or if none is pending. */
  unadoptable: string | undefined;
  /** The job queue exists, but the role may not use it. */
  isKeptFromQueue: boolean;
  /** Missing rights of the role on existing tables: `INSERT, UPDATE on the table users`. */
  lackingRights: string[];
  /** The role may write the list of migrations but is not its owner. */
  mayWriteMigrations: boolean;
  /** Accounts whose password can never be verified; undefined if they could not be counted. */
  unusableHashes: UnusableHashes[] | undefined;
}

/** Tables on which the service needs all rights. Those of the audit log are narrower. */
const READ_WRITE_TABLES = ['users', 'sessions', 'session_networks', 'one_time_tokens', 'rate_limits', 'hash_demands'];

const RIGHTS = `
  SELECT ARRAY(SELECT string_agg(wanted, ', ' ORDER BY ordinal) || ' on the table ' || name
                 FROM unnest($2::text[]) WITH ORDINALITY AS tables (name, number),
                      unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY AS rights (wanted, ordinal)
                WHERE NOT has_table_privilege(to_regclass(name), wanted)
                GROUP BY name, number ORDER BY number) AS lacking,
         coalesce(NOT queue, false) AS "isKept",
         EXISTS (SELECT FROM pg_class WHERE oid = to_regclass($3) AND NOT pg_has_role(relowner, 'USAGE')
                    AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE')) AS "mayWriteMigrations"
    FROM (SELECT (
           SELECT has_schema_privilege(relnamespace, 'USAGE')
                  AND NOT (relrowsecurity AND NOT pg_has_role(relowner, 'USAGE'))
                  AND (SELECT bool_and(has_table_privilege(pg_class.oid, wanted))
                         FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS wanted)
             FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
            WHERE nspname = $1 AND relname = '_private_jobs') AS queue) AS found`;

interface Rights {
  lacking: string[];
  isKept: boolean;
  mayWriteMigrations: boolean;
}

export async function gatherSchema(client: pg.Client, settings: AdoptionSettings): Promise<SchemaFacts> {
  const database = {
    query: async <T>(sql: string, values?: unknown[]): Promise<T> => (await client.query(sql, values)).rows as T,
  };
  const known = migrationNames(schema);
  const found = await executedMigrations(database);
  const executed = found ?? [];
  const pending = known.filter((name) => !executed.includes(name));
  const [rights] = await database.query<Rights[]>(RIGHTS, [
    QUEUE_SCHEMA,
    READ_WRITE_TABLES,
    databaseDriverOptions.migrationsTableName,
  ]);
  return {
    pending,
    foreign: executed.filter((name) => !known.includes(name)),
    unadoptable: pending.length > 0 ? await reasonNotToMigrate(database, found, settings) : undefined,
    lackingRights: rights?.lacking ?? [],
    isKeptFromQueue: rights?.isKept ?? false,
    mayWriteMigrations: rights?.mayWriteMigrations ?? false,
    // The table may not exist or not be readable, or counting may take too long.
    unusableHashes: await unusableHashes(database).catch(() => undefined),
  };
}

async function reasonNotToMigrate(
  database: SqlRunner,
  executed: string[] | undefined,
  settings: AdoptionSettings,
): Promise<string | undefined> {
  return schemaFor(settings)
    .inspect(database, executed)
    .then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
}
