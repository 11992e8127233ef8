import { schema } from '../../src/migrations/schema.js';
import { ConfigurationError } from '../../src/platform/config/configuration-error.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { everythingIn, schemaSnapshot } from '../support/schema-snapshot.js';
import { silentLogger } from '../support/silent-logger.js';
import { dropDatabase, query } from '../support/test-databases.js';
import { adopt, deploymentOf, DUMP, DUMP_WITHOUT_ZONE, rowsOf } from './existing-deployment.js';

const withoutUniqueness = `${DUMP}; DROP INDEX ix_users_username; DROP INDEX ix_users_email;`;

/** Starts on a database that the SQL creates and expects a refusal without changes. @returns its message */
async function refusal(sql: string): Promise<string> {
  const database = await deploymentOf(sql);
  const before = await everythingIn(database);
  const error: unknown = await adopt(database).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(await everythingIn(database)).toEqual(before);
  await dropDatabase(database);
  return (error as Error).message;
}

describe('adoption of accounts whose names or e-mails differ only by letter case', () => {
  it('refuses with the ids and values of the rows and advice, before any change', async () => {
    const message = await refusal(`${DUMP};
      INSERT INTO users (username, email, hashed_password) VALUES ('JOHN', 'eighth@example.com', ''), ('John', NULL, ''),
        ('nine', 'admin@example.com', ''), ('straße', NULL, ''), ('STRASSE', NULL, ''), ('ｎｏｍａｉｌ', NULL, '')`);
    expect(message.split('\n')).toEqual([
      'Existing accounts differ only by letter case or character form, but names and e-mail addresses must be unique regardless of these.',
      'Nothing was changed. These rows collide:',
      '  - username: id 1 "john", id 7 "JOHN", id 8 "John"',
      '  - username: id 3 "nomail", id 12 "ｎｏｍａｉｌ"',
      '  - username: id 10 "straße", id 11 "STRASSE"',
      '  - email: id 4 "Admin@example.com", id 9 "admin@example.com"',
      "Rename or remove all but one of each group, for example UPDATE users SET username = 'john2' WHERE id = 7; then start again.",
    ]);
  });

  it('also refuses equal names in a table without a unique index', async () => {
    const message = await refusal(
      `${withoutUniqueness} INSERT INTO users (username, hashed_password) VALUES ('long', '')`,
    );
    expect(message).toContain('username: id 6 "long", id 7 "long"');
  });

  it('lists 20 groups and reports the number of the others', async () => {
    const message = await refusal(`${DUMP};
      INSERT INTO users (username, hashed_password)
      SELECT name || i, '' FROM generate_series(1, 45) AS i, (VALUES ('many'), ('MANY')) AS v(name) ORDER BY i, name DESC`);
    expect(message.split('\n').filter((line) => line.startsWith('  - username'))).toHaveLength(20);
    expect(message).toContain('… and 25 more groups');
  });

  it('escapes control characters in the values', async () => {
    const message = await refusal(`${DUMP};
      INSERT INTO users (username, hashed_password) VALUES (E'a\\n\\x1b[2J', ''), (E'A\\n\\x1b[2J', '')`);
    expect(message).toContain(String.raw`id 7 "a\n\u001b[2J", id 8 "A\n\u001b[2J"`);
  });

  it('adopts the table once the rows are renamed', async () => {
    const database = await deploymentOf(`${DUMP}; INSERT INTO users (username, hashed_password) VALUES ('JOHN', '')`);
    await expect(adopt(database)).rejects.toThrow('id 7 "JOHN"');
    await query(database, `UPDATE users SET username = 'john2' WHERE id = 7`);
    expect(await adopt(database)).toContain('adopted the existing table users with 7 accounts');
    expect((await rowsOf(database))[6]?.username).toBe('john2');
    await dropDatabase(database);
  });
});

describe('adoption of a table `users` of another application', () => {
  it.each([
    [
      'another table',
      'CREATE TABLE users (uid INTEGER, mail TEXT)',
      ['it has no column id', 'it has no column username'],
    ],
    ['ids of 64 bits', `${DUMP}; ALTER TABLE users ALTER id TYPE BIGINT`, ['id is bigint, expected integer']],
    [
      'ids that are UUIDs',
      `CREATE TABLE users (id UUID PRIMARY KEY, username VARCHAR(50), hashed_password VARCHAR(255))`,
      ['id is uuid, expected integer'],
    ],
    [
      'other types',
      `${DUMP}; ALTER TABLE users ALTER created_at DROP DEFAULT, ALTER created_at TYPE DATE, ALTER email TYPE CHAR(90)`,
      [
        'email is character, expected character varying or text',
        'created_at is date, expected timestamp with time zone or timestamp without time zone',
      ],
    ],
    [
      'a column that a registration cannot fill',
      `${DUMP}; ALTER TABLE users ADD tenant INTEGER NOT NULL DEFAULT 1; ALTER TABLE users ALTER tenant DROP DEFAULT`,
      ['tenant is NOT NULL without a default, so no account could register'],
    ],
    [
      'ids without a primary key',
      `${DUMP}; ALTER TABLE users DROP CONSTRAINT users_pkey`,
      ['id is not unique (run ALTER TABLE users'],
    ],
    [
      'a view',
      `${DUMP}; ALTER TABLE users RENAME TO people; CREATE VIEW users AS SELECT * FROM people`,
      ['it is not an ordinary table'],
    ],
  ])('refuses %s', async (_what, sql, problems) => {
    const message = await refusal(sql);
    for (const problem of problems) expect(message).toContain(`  - ${problem}`);
    expect(message).toContain('nothing was changed');
    expect(message).toContain('Correct DATABASE_URL, or fix the table.');
  });

  it.each([
    [
      'view',
      'CREATE VIEW recent AS SELECT username FROM users WHERE created_at IS NOT NULL',
      'created_at',
      'view recent',
    ],
    [
      'view of a narrow column',
      'ALTER TABLE users ALTER username TYPE VARCHAR(9); CREATE VIEW names AS SELECT username FROM users',
      'username',
      'view names',
    ],
    [
      'trigger',
      `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
       CREATE TRIGGER t BEFORE UPDATE OF updated_at ON users FOR EACH ROW EXECUTE FUNCTION f()`,
      'updated_at',
      'trigger t on table users',
    ],
    [
      'generated column',
      'ALTER TABLE users ADD born DATE GENERATED ALWAYS AS (created_at::date) STORED',
      'created_at',
      'column born of table users',
    ],
  ])('refuses while a %s depends on a column whose type must change', async (_kind, sql, column, dependent) => {
    const message = await refusal(`${DUMP_WITHOUT_ZONE}; ${sql}`);
    expect(message).toMatch(
      new RegExp(`the type of ${column} must change, but this depends on it: .*${dependent}; drop`),
    );
  });
});

describe('names of tables and columns that the migrations create', () => {
  const ADDED_TABLES = `SELECT relname AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname !~ '_[0-9]{4}_[0-9]{2}$'
      AND relname <> 'users' ORDER BY 1`;
  const COLUMNS = `SELECT attname AS name FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0`;

  it('are all listed in the refusal if they are already in use', async () => {
    const database = await deploymentOf(DUMP);
    const names = async (sql: string) => (await query<{ name: string }>(database, sql)).map(({ name }) => name);
    const found = await names(COLUMNS);
    await adopt(database);
    const tables = await names(ADDED_TABLES);
    const columns = (await names(COLUMNS)).filter((name) => !found.includes(name));
    await dropDatabase(database);
    const message = await refusal(
      [DUMP]
        .concat(tables.map((name) => `CREATE TABLE ${name} (id INTEGER)`))
        .concat(columns.map((name) => `ALTER TABLE users ADD ${name} TEXT`))
        .join(';'),
    );
    expect(message).toContain('nothing was changed');
    const lines = message.split('\n').filter((line) => line.startsWith('  - '));
    expect(lines).toHaveLength(tables.length + columns.length);
    for (const name of tables) expect(message).toContain(`  - table ${name} (ALTER TABLE ${name} RENAME TO …)`);
    for (const name of columns)
      expect(message).toContain(`  - column users.${name} (ALTER TABLE users RENAME ${name} TO`);
  });

  it.each([
    ['view', 'CREATE VIEW sessions AS SELECT id FROM users', 'view sessions (ALTER VIEW sessions RENAME TO …)'],
    [
      'job queue',
      'CREATE SCHEMA graphile_worker; CREATE TABLE graphile_worker.migrations (id INTEGER)',
      'schema graphile_worker (ALTER SCHEMA graphile_worker RENAME TO …)',
    ],
  ])('are also refused if a %s uses them', async (_what, sql, line) => {
    expect(await refusal(`${DUMP}; ${sql}`)).toContain(`  - ${line}`);
  });

  it('also make an upgrade refuse, except for tables that earlier versions created', async () => {
    const database = await deploymentOf(DUMP);
    const [first, second] = Object.values(schema.migrations ?? []) as [never, never];
    await migrate(database, { ...schema, migrations: [first, second] }, silentLogger);
    await query(database, 'CREATE TABLE sessions (sid TEXT); ALTER TABLE users ADD display_name TEXT');
    const before = await everythingIn(database);
    await expect(adopt(database)).rejects.toThrow(
      [
        'nothing was changed:',
        '  - column users.display_name (ALTER TABLE users RENAME display_name TO …)',
        '  - table sessions (ALTER TABLE sessions RENAME TO …)',
        'Rename them',
      ].join('\n'),
    );
    expect(await everythingIn(database)).toEqual(before);
    await query(database, 'DROP TABLE sessions; ALTER TABLE users DROP display_name');
    await adopt(database);
    await dropDatabase(database);
  });
});

describe('a role without the privileges that the migrations need', () => {
  const TO_ALL = 'GRANT CREATE ON SCHEMA public TO PUBLIC';
  const SCHEMAS = `SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1`;

  /**
   * Starts as a role that does not own what the SQL creates.
   *
   * @returns the lines of the refusal that name the missing privileges
   */
  async function refused(sql: string, rights = '', prepare = async (_owner: DatabaseSettings) => undefined as unknown) {
    const owner = await deploymentOf(sql);
    await prepare(owner);
    const { database } = owner;
    const user = `role_of_${database}`;
    const fill = (text: string) => text.replaceAll('ROLE', user).replaceAll('DB', database);
    await query(owner, `CREATE ROLE ${user} LOGIN PASSWORD 'x'; ${fill(rights)}`);
    const state = async () => [await schemaSnapshot(owner, { bookkeeping: true }), await query(owner, SCHEMAS)];
    const before = await state();
    const error: unknown = await adopt({ ...owner, user, password: 'x' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(await state()).toEqual(before);
    await query(owner, `DROP OWNED BY ${user}; DROP ROLE ${user}`);
    await dropDatabase(owner);
    const lines = (error as Error).message.replaceAll(user, 'ROLE').replaceAll(database, 'DB').split('\n');
    expect(lines[0]).toBe('The role ROLE may not change the schema; nothing was changed. It lacks:');
    expect(lines.at(-1)).toBe(
      'Grant it, or run `node dist/cli.js migration:run` as the owner of the database; then start again.',
    );
    return lines.slice(1, -1);
  }

  const SCHEMA = '  - CREATE on the schema public (GRANT USAGE, CREATE ON SCHEMA public TO ROLE)';
  const DATABASE =
    '  - CREATE on the database DB, for the schema of the job queue (GRANT CREATE ON DATABASE DB TO ROLE)';
  const USERS = '  - ownership of the table users (ALTER TABLE users OWNER TO ROLE)';

  it('gets the full list on a new database with the default privileges of PostgreSQL 15 or later', async () => {
    expect(await refused('REVOKE CREATE ON SCHEMA public FROM PUBLIC')).toEqual([DATABASE, SCHEMA]);
  });

  it('is refused if it lacks USAGE on the schema', async () => {
    expect(await refused('REVOKE ALL ON SCHEMA public FROM PUBLIC', 'GRANT CREATE ON DATABASE DB TO ROLE')).toEqual([
      SCHEMA,
    ]);
  });

  it('is refused before any change if it may create tables but no schema for the job queue', async () => {
    expect(await refused(TO_ALL)).toEqual([DATABASE]);
  });

  it('is refused before any change if another role owns the table users', async () => {
    const rights = 'GRANT ALL ON users TO ROLE; GRANT CREATE ON DATABASE DB TO ROLE';
    expect(await refused(`${DUMP}; ${TO_ALL}`, rights)).toEqual([USERS]);
  });

  it('is refused for an upgrade if another role ran the earlier migrations', async () => {
    const migrations = Object.values(schema.migrations ?? []) as never[];
    const lines = await refused(TO_ALL, 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO ROLE', (owner) =>
      migrate(owner, { ...schema, migrations: migrations.slice(0, 3) }, silentLogger),
    );
    expect(lines).toEqual(['  - ownership of the table rate_limits (ALTER TABLE rate_limits OWNER TO ROLE)', USERS]);
  });
});
