import type pg from 'pg';
import { executedMigrations } from '../../migrations/commands.js';
import { schema } from '../../migrations/schema.js';

export interface SchemaFacts {
  /** Migrations of this build that the database lacks, oldest first. */
  pending: string[];
  /** Migrations that the database has had and this build does not know: it is older than the database. */
  foreign: string[];
  /** Why the database cannot be adopted by the first migration; undefined when it can, or was long ago. */
  unadoptable: string | undefined;
  mayCreateTables: boolean;
  /** Rights on the accounts that the role lacks: SELECT, INSERT or UPDATE; none where there is no such table yet. */
  lackingRights: string[];
}

const RIGHTS = `
  SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS create,
         ARRAY(SELECT wanted FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS wanted
               WHERE NOT has_table_privilege(to_regclass('users'), wanted)) AS lacking`;

export async function gatherSchema(client: pg.Client): Promise<SchemaFacts> {
  const database = {
    query: async <T>(sql: string, values?: unknown[]): Promise<T> => (await client.query(sql, values)).rows as T,
  };
  const known = Object.values(schema.migrations ?? {}).map((migration) => (migration as { name: string }).name);
  const executed = await executedMigrations(database);
  const [rights] = await database.query<{ create: boolean; lacking: string[] }[]>(RIGHTS);
  return {
    pending: known.filter((name) => !executed.includes(name)),
    foreign: executed.filter((name) => !known.includes(name)),
    unadoptable: executed.length === 0 ? await reasonNotToAdopt(database) : undefined,
    mayCreateTables: rights?.create ?? false,
    lackingRights: rights?.lacking ?? [],
  };
}

async function reasonNotToAdopt(database: Parameters<typeof schema.inspect>[0]): Promise<string | undefined> {
  return schema.inspect(database).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
}
