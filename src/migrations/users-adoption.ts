import { foldedSql } from '../users/folded-name.js';
import { ConfigurationError } from '../platform/config/configuration-error.js';

/** Runs SQL: a TypeORM query runner, or anything else that gives rows. */
export interface SqlRunner {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

interface ColumnFacts {
  type: string;
  length: number | null;
  required: boolean;
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
const INDISPENSABLE = ['id', 'username', 'hashed_password'];
/** Groups of rows that a refusal lists; the rest is counted. */
const LISTED = 20;

/** The columns of the table `users` of the current schema, or undefined when there is no such table. */
export async function usersTableOf(runner: SqlRunner): Promise<Map<string, ColumnFacts> | undefined> {
  const rows = (await runner.query(
    `SELECT column_name AS name, data_type AS type, character_maximum_length AS length,
            is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER' AS required
       FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'users'`,
  )) as (ColumnFacts & { name: string })[];
  return rows.length === 0 ? undefined : new Map(rows.map(({ name, ...facts }) => [name, facts]));
}

/**
 * Looks at an existing table `users` without changing anything.
 *
 * @throws ConfigurationError that says why it cannot be adopted and what to do: another table of that name, or accounts
 * whose names differ only by letter case
 */
export async function refuseUnlessAdoptable(runner: SqlRunner): Promise<void> {
  const columns = await usersTableOf(runner);
  if (!columns) return;
  const problems = problemsOfColumns(columns);
  if (problems.length > 0) {
    throw new ConfigurationError(
      [
        'The database has a table `users` that is not the one of the documented service; nothing was changed:',
        ...problems.map((problem) => `  - ${problem}`),
        'Point DATABASE_URL at the right database, or mend the table.',
      ].join('\n'),
    );
  }
  const collisions = [...(await collisionsOf(runner, 'username')), ...(columns.has('email') ? await collisionsOf(runner, 'email') : [])];
  if (collisions.length > 0) throw refusal(collisions);
}

function problemsOfColumns(columns: Map<string, ColumnFacts>): string[] {
  const problems: string[] = [];
  for (const [name, types] of Object.entries(EXPECTED)) {
    const type = columns.get(name)?.type;
    if (type === undefined && INDISPENSABLE.includes(name)) problems.push(`it has no column ${name}`);
    if (type !== undefined && !types.includes(type)) problems.push(`${name} is ${type}, expected ${types.join(' or ')}`);
  }
  for (const [name, { required }] of columns) {
    if (required && !(name in EXPECTED)) problems.push(`${name} is NOT NULL without a default, so no account could register`);
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
