import { schema } from '../../src/migrations/schema.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { silentLogger } from '../support/silent-logger.js';
import { createDatabase, dropDatabase, query, settingsOf } from '../support/test-databases.js';

const ROLE = 'searcher';

const ACCOUNTS = `CREATE TABLE public.users (id SERIAL PRIMARY KEY, username VARCHAR(50), hashed_password VARCHAR(255));
                  GRANT ALL ON public.users TO ${ROLE}; ALTER TABLE public.users OWNER TO ${ROLE};
                  INSERT INTO public.users (username, hashed_password) VALUES ('john', '')`;

let database: DatabaseSettings;

const administrate = (sql: string) => query({ ...settingsOf('postgres'), database: database.database }, sql);

/** Schemas that have a table `users`. */
const schemas = async (): Promise<string[]> =>
  (
    await query<{ place: string }>(
      { ...settingsOf('postgres'), database: database.database },
      "SELECT relnamespace::regnamespace::text AS place FROM pg_class WHERE relname = 'users' ORDER BY 1",
    )
  ).map(({ place }) => place);

const start = (parameters: Record<string, string> = {}) => migrate({ ...database, parameters }, schema, silentLogger);

beforeAll(async () => {
  await query(settingsOf('postgres'), `CREATE ROLE ${ROLE} LOGIN PASSWORD '${ROLE}'`);
});
beforeEach(async () => {
  database = { ...(await createDatabase({ empty: true })), user: ROLE, password: ROLE };
  await administrate(`ALTER DATABASE ${database.database} OWNER TO ${ROLE}; ALTER ROLE ${ROLE} RESET ALL;
                      GRANT ALL ON SCHEMA public TO ${ROLE}`);
});
afterEach(() => dropDatabase(database));
afterAll(() => query(settingsOf('postgres'), `DROP ROLE ${ROLE}`));

describe('existing accounts hidden by an empty schema in the search_path', () => {
  beforeEach(() => administrate(ACCOUNTS));

  it.each([
    [
      'the role has a search_path',
      `CREATE SCHEMA shop AUTHORIZATION ${ROLE}; ALTER ROLE ${ROLE} SET search_path = shop`,
      'shop',
    ],
    [
      'the database has a search_path',
      `CREATE SCHEMA shop AUTHORIZATION ${ROLE}; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = shop', current_database()); END $$`,
      'shop',
    ],
    [
      'the role has a schema of its own name and may not use public',
      `CREATE SCHEMA ${ROLE} AUTHORIZATION ${ROLE}; ALTER SCHEMA public OWNER TO CURRENT_USER; REVOKE ALL ON SCHEMA public FROM ${ROLE}, public`,
      ROLE,
    ],
  ])('make the start fail without changes if %s', async (_, sql, empty) => {
    await administrate(sql);
    await expect(start()).rejects.toThrow(
      new RegExp(`accounts in public\\.users, but the search_path \\(.*\\) leads to the schema ${empty},`),
    );
    await expect(start()).rejects.toThrow(`set PGOPTIONS=-csearch_path=${empty}.`);
    expect(await schemas()).toEqual(['public']);
  });

  it('are ignored if the connection sets the schema', async () => {
    await administrate(`CREATE SCHEMA shop AUTHORIZATION ${ROLE}; ALTER ROLE ${ROLE} SET search_path = shop`);
    await start({ search_path: 'shop' });
    expect(await schemas()).toEqual(['public', 'shop']);
  });

  it('are adopted if the search_path of the connection leads to them', async () => {
    await administrate(`CREATE SCHEMA ${ROLE} AUTHORIZATION ${ROLE}`);
    await start({ search_path: 'public' });
    expect(await schemas()).toEqual(['public']);
  });

  it('are ignored if the table has no column hashed_password', async () => {
    await administrate(`ALTER TABLE public.users DROP COLUMN hashed_password; CREATE SCHEMA shop AUTHORIZATION ${ROLE};
                        ALTER ROLE ${ROLE} SET search_path = shop`);
    await start();
    expect(await schemas()).toEqual(['public', 'shop']);
  });
});

describe('a search_path without an existing schema', () => {
  it('makes the start fail before any change', async () => {
    await expect(start({ search_path: 'no_such' })).rejects.toThrow(
      /The search_path \(no_such\) contains no existing schema .*\(CREATE SCHEMA … AUTHORIZATION searcher\)/,
    );
    expect(await schemas()).toEqual([]);
  });
});
