import { foldedSql } from '../platform/database/folded-sql.js';
import { ConfigurationError } from '../platform/config/configuration-error.js';
import type { SqlRunner } from '../platform/database/migrate.js';
import { refuseAmbiguousTimes } from './times-without-zone.js';

interface ColumnFacts {
  type: string;
  length: number | null;
  required: boolean;
  hasDefault: boolean;
}

const TEXT = ['character varying', 'text'];
const TIME = ['timestamp with time zone', 'timestamp without time zone'];
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  id: ['integer'],
  username: TEXT,
  email: TEXT,
  hashed_password: TEXT,
  is_active: ['boolean'],
  is_superuser: ['boolean'],
  created_at: TIME,
  updated_at: TIME,
};
const REQUIRED_COLUMNS = new Set(['id', 'username', 'hashed_password']);
const MIN_LENGTHS: Readonly<Record<string, number>> = { username: 50, email: 100, hashed_password: 255 };
/** Maximum number of groups of rows that an error lists. The others are counted. */
const MAX_LISTED = 20;

/**
 * The columns of the table `users` on the search path, which the Python service also uses. Undefined if there is none.
 * A view of that name counts, so that it can be refused.
 */
export async function usersTableOf(runner: SqlRunner): Promise<Map<string, ColumnFacts> | undefined> {
  const rows = (await runner.query(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type,
            CASE WHEN atttypid = 'varchar'::regtype AND atttypmod > 4 THEN atttypmod - 4 END AS length,
            attnotnull AND NOT atthasdef AND attidentity = '' AS required,
            atthasdef AS "hasDefault"
       FROM pg_attribute WHERE attrelid = to_regclass('users') AND attnum > 0 AND NOT attisdropped`,
  )) as (ColumnFacts & { name: string })[];
  return rows.length === 0 ? undefined : new Map(rows.map(({ name, ...facts }) => [name, facts]));
}

/** Columns that are too narrow for the service, with the length that it needs. */
export function columnsToWiden(columns: ReadonlyMap<string, ColumnFacts>): [name: string, length: number][] {
  return Object.entries(MIN_LENGTHS).filter(([name, length]) => (columns.get(name)?.length ?? length) < length);
}

/** Columns of SQLAlchemy's plain DateTime, which stores no zone. */
export function timesWithoutZone(columns: ReadonlyMap<string, ColumnFacts>): string[] {
  return ['created_at', 'updated_at'].filter((name) => columns.get(name)?.type === 'timestamp without time zone');
}

/**
 * Checks whether an existing table `users` can be adopted, without changing anything.
 *
 * @param adoptTimezone the zone of times without a time zone (ADOPT_TIMEZONE)
 * @throws ConfigurationError with the reason and a remedy: the table belongs to another application, names of accounts
 * differ only by letter case, or the zone of times is unknown
 */
export async function refuseUnlessAdoptable(runner: SqlRunner, adoptTimezone: string | undefined): Promise<void> {
  const columns = await usersTableOf(runner);
  if (!columns) return;
  const problems = [
    ...(await problemsOfKind(runner)),
    ...problemsOfColumns(columns),
    ...(await problemsOfDependents(runner, columns)),
  ];
  if (problems.length > 0) {
    throw new ConfigurationError(
      [
        'The database has a table `users` that cannot be adopted as that of the documented service; nothing was changed:',
        ...problems.map((problem) => `  - ${problem}`),
        'Correct DATABASE_URL, or fix the table.',
      ].join('\n'),
    );
  }
  const collisions = [
    ...(await collisionsOf(runner, 'username')),
    ...(columns.has('email') ? await collisionsOf(runner, 'email') : []),
  ];
  if (collisions.length > 0) throw refusal(collisions);
  await refuseAmbiguousTimes(runner, timesWithoutZone(columns), adoptTimezone);
}

async function problemsOfKind(runner: SqlRunner): Promise<string[]> {
  const [{ ordinary = false, identified = false } = {}] = (await runner.query(
    `SELECT relkind = 'r' AS ordinary,
            EXISTS (SELECT FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
                     WHERE indrelid = pg_class.oid AND attname = 'id' AND indnkeyatts = 1 AND indisunique AND indisvalid
                       AND indpred IS NULL) AS identified
       FROM pg_class WHERE oid = to_regclass('users')`,
  )) as { ordinary?: boolean; identified?: boolean }[];
  if (!ordinary) return ['it is not an ordinary table'];
  return identified ? [] : ['id is not unique (run ALTER TABLE users ADD PRIMARY KEY (id))'];
}

/**
 * Dependents that prevent a change of a column's type, such as views and triggers of the column. A generated column
 * depends on others by its expression, and up to PostgreSQL 14 directly.
 */
async function problemsOfDependents(runner: SqlRunner, columns: Map<string, ColumnFacts>): Promise<string[]> {
  const changing = [...columnsToWiden(columns).map(([name]) => name), ...timesWithoutZone(columns)];
  const rows = (await runner.query(
    `SELECT DISTINCT attname AS column,
            CASE WHEN d.classid = 'pg_rewrite'::regclass
                 THEN 'view ' || (SELECT ev_class::regclass FROM pg_rewrite WHERE oid = d.objid)
                 ELSE pg_describe_object(d.classid, d.objid, d.objsubid) END AS dependent
       FROM pg_depend d JOIN pg_attribute ON attrelid = d.refobjid AND attnum = d.refobjsubid
      WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass('users') AND attname = ANY($1)
        AND (d.classid IN ('pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_proc'::regclass)
             OR EXISTS (SELECT FROM pg_attrdef def JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
                         WHERE d.classid = 'pg_attrdef'::regclass AND def.oid = d.objid AND attgenerated <> '')
             OR EXISTS (SELECT FROM pg_attribute
                         WHERE d.classid = 'pg_class'::regclass AND attrelid = d.objid AND attnum = d.objsubid
                           AND attgenerated <> ''))
      ORDER BY 1, 2`,
    [changing],
  )) as { column: string; dependent: string }[];
  return rows.map(
    ({ column, dependent }) =>
      `the type of ${column} must change, but this depends on it: ${dependent}; drop it, start, and create it again`,
  );
}

function problemsOfColumns(columns: Map<string, ColumnFacts>): string[] {
  const problems: string[] = [];
  for (const [name, types] of Object.entries(EXPECTED)) {
    const type = columns.get(name)?.type;
    if (type === undefined && REQUIRED_COLUMNS.has(name)) problems.push(`it has no column ${name}`);
    if (type !== undefined && !types.includes(type))
      problems.push(`${name} is ${type}, expected ${types.join(' or ')}`);
  }
  for (const [name, { required }] of columns) {
    if (required && !(name in EXPECTED))
      problems.push(`${name} is NOT NULL without a default, so no account could register`);
  }
  return problems;
}

async function collisionsOf(runner: SqlRunner, column: 'username' | 'email'): Promise<string[]> {
  const groups = (await runner.query(
    `SELECT array_agg(id ORDER BY id)::text[] AS ids, array_agg(${column}::text ORDER BY id) AS values
       FROM users WHERE ${column} IS NOT NULL
      GROUP BY ${foldedSql(column)} HAVING count(*) > 1 ORDER BY min(id)`,
  )) as { ids: string[]; values: string[] }[];
  return groups.map(
    ({ ids, values }) => `${column}: ${ids.map((id, index) => `id ${id} ${JSON.stringify(values[index])}`).join(', ')}`,
  );
}

function refusal(collisions: string[]): ConfigurationError {
  const more = collisions.length > MAX_LISTED ? [`  … and ${collisions.length - MAX_LISTED} more groups`] : [];
  return new ConfigurationError(
    [
      'Existing accounts differ only by letter case or character form, but names and e-mail addresses must be unique regardless of these.',
      'Nothing was changed. These rows collide:',
      ...collisions.slice(0, MAX_LISTED).map((collision) => `  - ${collision}`),
      ...more,
      "Rename or remove all but one of each group, for example UPDATE users SET username = 'john2' WHERE id = 7; then start again.",
    ].join('\n'),
  );
}
