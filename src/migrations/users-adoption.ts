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
const INDISPENSABLE = new Set(['id', 'username', 'hashed_password']);
const LENGTHS: Readonly<Record<string, number>> = { username: 50, email: 100, hashed_password: 255 };
/** Groups of rows that a refusal lists; the rest is counted. */
const LISTED = 20;

/**
 * The columns of the table `users` that the search path leads to, as it leads the Python service, or undefined when
 * there is none. A view of that name is one too, to be refused.
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

/** Columns that are narrower than what the service writes, with the length they need. */
export function columnsToWiden(columns: ReadonlyMap<string, ColumnFacts>): [name: string, length: number][] {
  return Object.entries(LENGTHS).filter(([name, length]) => (columns.get(name)?.length ?? length) < length);
}

/** Times of SQLAlchemy's plain DateTime, which stores no zone. */
export function timesWithoutZone(columns: ReadonlyMap<string, ColumnFacts>): string[] {
  return ['created_at', 'updated_at'].filter((name) => columns.get(name)?.type === 'timestamp without time zone');
}

/**
 * Looks at an existing table `users` without changing anything.
 *
 * @param adoptTimezone zone of times without a time zone (ADOPT_TIMEZONE)
 * @throws ConfigurationError that says why it cannot be adopted and what to do: another table of that name, accounts whose
 * names differ only by letter case, or times of an unknown zone
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
        'The database has a table `users` that cannot be adopted as the one of the documented service; nothing was changed:',
        ...problems.map((problem) => `  - ${problem}`),
        'Point DATABASE_URL at the right database, or mend the table.',
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
  if (!ordinary) return ['it is no ordinary table'];
  return identified ? [] : ['id is not unique (ALTER TABLE users ADD PRIMARY KEY (id) makes it so)'];
}

/**
 * PostgreSQL refuses to change the type of a column while a view, a trigger of that column or the like needs it. A generated
 * column depends on others by its expression, up to PostgreSQL 14 by itself.
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
      `the type of ${column} has to change, and this depends on it: ${dependent}; drop that, start, create it again`,
  );
}

function problemsOfColumns(columns: Map<string, ColumnFacts>): string[] {
  const problems: string[] = [];
  for (const [name, types] of Object.entries(EXPECTED)) {
    const type = columns.get(name)?.type;
    if (type === undefined && INDISPENSABLE.has(name)) problems.push(`it has no column ${name}`);
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
    ({ ids, values }) => `${column}: ${ids.map((id, place) => `id ${id} ${JSON.stringify(values[place])}`).join(', ')}`,
  );
}

function refusal(collisions: string[]): ConfigurationError {
  const more = collisions.length > LISTED ? [`  … and ${collisions.length - LISTED} more groups`] : [];
  return new ConfigurationError(
    [
      'Existing accounts differ only by letter case or character form; names and e-mails are unique without regard to it.',
      'Nothing was changed. These rows collide:',
      ...collisions.slice(0, LISTED).map((collision) => `  - ${collision}`),
      ...more,
      "Rename or remove all but one of each group, for example UPDATE users SET username = 'john2' WHERE id = 7; then start again.",
    ].join('\n'),
  );
}
