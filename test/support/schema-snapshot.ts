import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { query } from './test-databases.js';

const BOOKKEEPING = 'schema_migrations';

const CATALOGS = {
  columns: `SELECT attrelid::regclass::text AS table, attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required,
                   attidentity AS identity, pg_get_expr(adbin, adrelid) AS default
              FROM pg_attribute JOIN pg_class c ON c.oid = attrelid AND relkind = 'r' AND NOT attisdropped AND attnum > 0
              LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE OURS`,
  indexes: `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition, indisvalid AS valid
              FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE OURS`,
  constraints: `SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(con.oid) AS definition
                  FROM pg_constraint con JOIN pg_class c ON c.oid = conrelid WHERE OURS`,
  sequences: `SELECT c.relname AS name, seqtypid::regtype::text AS type, seqincrement AS step, refobjid::regclass::text AS owner
                FROM pg_sequence JOIN pg_class c ON c.oid = seqrelid
                LEFT JOIN pg_depend ON objid = seqrelid AND deptype = 'a' WHERE OURS`,
  views: `SELECT c.relname AS name, pg_get_viewdef(c.oid) AS definition FROM pg_class c WHERE relkind = 'v' AND OURS`,
  triggers: `SELECT tgname AS name, pg_get_triggerdef(tg.oid) AS definition
               FROM pg_trigger tg JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal AND OURS`,
};

export type Snapshot = Record<keyof typeof CATALOGS, object[]>;

/** The sorted content of PostgreSQL's catalogs for a schema. Clients cannot distinguish databases with equal snapshots. */
export async function schemaSnapshot(
  database: DatabaseSettings,
  { schema = 'public', bookkeeping = false }: { schema?: string; bookkeeping?: boolean } = {},
): Promise<Snapshot> {
  const hidden = bookkeeping ? '' : ` AND c.relname NOT LIKE '${BOOKKEEPING}%'`;
  const ours = `c.relnamespace = '${schema}'::regnamespace${hidden}`;
  const snapshot: Partial<Snapshot> = {};
  for (const [name, sql] of Object.entries(CATALOGS) as [keyof Snapshot, string][]) {
    snapshot[name] = await query(database, `${sql.replace('OURS', ours)} ORDER BY 1, 2`);
  }
  return snapshot as Snapshot;
}

/** The objects of a snapshot whose names are not in the other snapshot. */
export function difference(snapshot: Snapshot, other: Snapshot): Snapshot {
  const lists = Object.entries(snapshot) as [keyof Snapshot, object[]][];
  const rest = lists.map(([catalog, objects]) => {
    const names = new Set(other[catalog].map(nameOf));
    return [catalog, objects.filter((each) => !names.has(nameOf(each)))];
  });
  return Object.fromEntries(rest) as Snapshot;
}

/** The names of all objects: `name`, or `table.name` for parts of a table. */
export function namesIn(snapshot: Snapshot): Record<keyof Snapshot, string[]> {
  const lists = Object.entries(snapshot).map(([catalog, objects]) => [catalog, objects.map(nameOf)]);
  return Object.fromEntries(lists) as Record<keyof Snapshot, string[]>;
}

function nameOf(each: object): string {
  const { table, name } = each as { table?: string; name: string };
  return table === undefined ? name : `${table}.${name}`;
}

/** The schema and every row of `users`, to check that a refusal changes nothing. */
export async function everythingIn(database: DatabaseSettings): Promise<object> {
  return {
    schema: await schemaSnapshot(database, { bookkeeping: true }),
    rows: await query(database, 'SELECT users::text FROM users ORDER BY 1'),
  };
}
