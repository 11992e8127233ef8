import pg from 'pg';
import { pino } from 'pino';
import { schema } from '../../src/migrations/schema.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { register } from '../support/accounts.js';
import { difference, namesIn, schemaSnapshot } from '../support/schema-snapshot.js';
import { TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { adopt, deploymentOf, DUMP, rowsOf } from './existing-deployment.js';

const NOW = `'2030-01-01 00:00:00'`;

/** Starts the service on a database and sends it requests. */
async function served<T>(database: DatabaseSettings, ask: (url: string) => Promise<T>): Promise<T> {
  const app = await TestApp.start({ database });
  try {
    return await ask(app.url);
  } finally {
    await app.stop();
  }
}

/** Registers an account. @returns its id */
const nextId = (database: DatabaseSettings) => served(database, async (url) => (await register(url)).id);

describe('adoption of a deployment with a changed schema', () => {
  it('sets NULL flags to false and a NULL created_at to the time of adoption', async () => {
    const database = await deploymentOf(`${DUMP};
      UPDATE users SET is_active = NULL WHERE id = 1;
      UPDATE users SET is_superuser = NULL, created_at = NULL WHERE id = 4;`);
    const before = await rowsOf(database);
    expect(await adopt(database)).toContain('replaced NULL in 2 rows');
    const after = await rowsOf(database);
    const adopted = after[3]?.created_at;
    expect(after).toEqual([
      { ...before[0], is_active: false },
      ...before.slice(1, 3),
      { ...before[3], is_superuser: false, created_at: adopted },
      ...before.slice(4),
    ]);
    expect(new Date(`${adopted}Z`).getTime()).toBeGreaterThan(Date.now() - 60_000);
    await dropDatabase(database);
  });

  it('keeps unknown tables, columns, foreign keys, views and triggers', async () => {
    const database = await deploymentOf(`${DUMP};
      CREATE TABLE orders (id SERIAL PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
      INSERT INTO orders (user_id) VALUES (1), (1), (4);
      ALTER TABLE users ADD COLUMN phone VARCHAR(20), ADD COLUMN plan TEXT NOT NULL DEFAULT 'free',
                        ADD CONSTRAINT plan_known CHECK (plan IN ('free', 'paid'));
      UPDATE users SET phone = '123' WHERE id = 2;
      CREATE VIEW recent AS SELECT id, username, created_at FROM users WHERE created_at > ${NOW};
      CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;
      CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();`);
    const fresh = await createDatabase();
    const own = await schemaSnapshot(fresh);
    const before = await schemaSnapshot(database);
    const contents = () =>
      query(
        database,
        `SELECT to_jsonb(users) AS account, to_jsonb(orders) AS ordered
           FROM users LEFT JOIN orders ON user_id = users.id ORDER BY users.id, orders.id`,
      );
    const rows = await contents();
    await adopt(database);
    const after = await schemaSnapshot(database);
    expect(namesIn(difference(before, own))).toMatchObject({
      columns: ['orders.id', 'orders.user_id', 'users.phone', 'users.plan'],
      indexes: ['orders_pkey'],
      constraints: expect.arrayContaining(['orders.orders_user_id_fkey', 'users.plan_known']),
      sequences: ['orders_id_seq'],
      views: ['recent'],
      triggers: ['touched'],
    });
    expect(difference(after, own)).toEqual(difference(before, own));
    expect(difference(after, difference(before, own))).toEqual(own);
    expect(await contents()).toMatchObject(rows);
    expect(await nextId(database)).toBe(7);
    await Promise.all([database, fresh].map(dropDatabase));
  });

  it.each([
    ['has a sequence that lags behind the ids', `SELECT setval('users_id_seq', 2)`],
    ['has a sequence that was never used', 'ALTER SEQUENCE users_id_seq RESTART'],
    ['lost its sequence', 'ALTER TABLE users ALTER id DROP DEFAULT; DROP SEQUENCE users_id_seq'],
    [
      'lost the default of its ids and the owner of its sequence',
      'ALTER TABLE users ALTER id DROP DEFAULT; ALTER SEQUENCE users_id_seq OWNED BY NONE',
    ],
    ['lost only the default of its ids', 'ALTER TABLE users ALTER id DROP DEFAULT'],
    [
      'has a sequence that no column owns',
      `ALTER SEQUENCE users_id_seq OWNED BY NONE; SELECT setval('users_id_seq', 2)`,
    ],
    [
      'has an identity column',
      `ALTER TABLE users ALTER id DROP DEFAULT; DROP SEQUENCE users_id_seq;
       ALTER TABLE users ALTER id ADD GENERATED ALWAYS AS IDENTITY`,
    ],
  ])('continues the ids of a table that %s', async (_what, change) => {
    const database = await deploymentOf(`${DUMP}; ${change}`);
    await adopt(database);
    expect(await nextId(database)).toBe(7);
    await dropDatabase(database);
  });

  it('never reuses ids of deleted accounts', async () => {
    const database = await deploymentOf(`${DUMP}; SELECT setval('users_id_seq', 41)`);
    await adopt(database);
    expect(await nextId(database)).toBe(42);
    await dropDatabase(database);
  });

  it('starts with id 1 if the table is empty', async () => {
    const database = await deploymentOf(`${DUMP}; TRUNCATE users RESTART IDENTITY`);
    await adopt(database);
    expect(await nextId(database)).toBe(1);
    await dropDatabase(database);
  });

  it('widens narrow columns, keeps wider ones and adds missing ones', async () => {
    const database = await deploymentOf(`${DUMP};
      ALTER TABLE users ALTER username TYPE VARCHAR(20), ALTER email TYPE TEXT, ALTER hashed_password TYPE VARCHAR(512),
                        DROP COLUMN is_superuser, DROP COLUMN updated_at`);
    expect(await adopt(database)).toMatch(/added is_superuser; added updated_at; widened username to 50/);
    const columns = await query<{ name: string; type: string }>(
      database,
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
        WHERE attrelid = 'users'::regclass AND attname IN ('username', 'email', 'hashed_password') ORDER BY 1`,
    );
    expect(columns.map(({ type }) => type)).toEqual(['text', 'character varying(512)', 'character varying(50)']);
    expect(await query(database, 'SELECT DISTINCT is_superuser FROM users')).toEqual([{ is_superuser: false }]);
    await dropDatabase(database);
  });

  it.each([
    ['a separate schema', 'app', 'CREATE SCHEMA app'],
    ['public, behind an empty schema', 'app, public', 'SELECT 1'],
  ])('finds the table in %s of the search path', async (where, search_path, before) => {
    const database = await deploymentOf(`${before}; ${DUMP}; CREATE SCHEMA IF NOT EXISTS app`, { search_path });
    await adopt(database);
    const [tables, indexes] = await Promise.all([
      query(database, `SELECT schemaname AS schema FROM pg_tables WHERE tablename = 'users'`),
      query(database, `SELECT DISTINCT schemaname AS schema FROM pg_indexes WHERE tablename = 'users'`),
    ]);
    const expected = [{ schema: where.startsWith('public') ? 'public' : 'app' }];
    expect([tables, indexes]).toEqual([expected, expected]);
    expect(await nextId(database)).toBe(7);
    await dropDatabase(database);
  });

  it('waits for open transactions of the Python service on the table and logs it', async () => {
    const database = await deploymentOf(DUMP);
    const session = new pg.Client(database);
    await session.connect();
    await session.query(`BEGIN; UPDATE users SET email = 'late@example.com' WHERE id = 3`);
    const logged = new Promise<string>((resolve) => {
      void migrate(
        database,
        schema,
        pino({ base: undefined }, { write: (line) => void (/waiting/.test(line) && resolve(line)) }),
      );
    });
    expect(await logged).toContain('waiting for open transactions on the table users');
    await session.query('COMMIT');
    await session.end();
    await adopt(database);
    expect((await rowsOf(database))[2]?.email).toBe('late@example.com');
    await dropDatabase(database);
  });
});
