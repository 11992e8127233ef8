import { readdirSync } from 'node:fs';
import { schema } from '../../src/migrations/schema.js';
import { ConfigurationError } from '../../src/platform/config/configuration-error.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrate, migrationDataSource } from '../../src/platform/database/migrate.js';
import { JobSender, JobWorker } from '../support/job-worker.js';
import { schemaSnapshot } from '../support/schema-snapshot.js';
import { silentLogger } from '../support/silent-logger.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { until } from '../support/until.js';

let database: DatabaseSettings;
let role: DatabaseSettings;

beforeEach(async () => {
  database = await createDatabase();
  const user = `role_of_${database.database}`;
  role = { ...database, user, password: 'x' };
  await query(
    database,
    `CREATE ROLE ${user} LOGIN PASSWORD 'x'; REVOKE ALL ON DATABASE ${database.database} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${database.database} TO ${user}; GRANT ALL ON SCHEMA public TO ${user}`,
  );
});
afterEach(async () => {
  await query(database, `DROP OWNED BY ${role.user}; DROP ROLE ${role.user}`);
  await dropDatabase(database);
});

/** Reverts the migration that created the queue, and every later one. */
async function withoutQueue(): Promise<void> {
  const dataSource = await migrationDataSource(database, schema, silentLogger).initialize();
  const exists = async () =>
    (await query(database, `SELECT FROM pg_namespace WHERE nspname = 'graphile_worker'`)).length;
  while (await exists()) await dataSource.undoLastMigration();
  await dataSource.destroy();
}

describe('the schema of the job queue', () => {
  it('is that of the installed library; a newer library needs a migration that calls migrateQueueSchema', async () => {
    const shipped = readdirSync('node_modules/graphile-worker/sql').filter((file) => file.endsWith('.sql'));
    const ran = await query<{ id: number }>(database, 'SELECT id FROM graphile_worker.migrations ORDER BY id');
    expect(ran.map(({ id }) => id)).toEqual(shipped.map((file) => Number.parseInt(file, 10)).toSorted((a, b) => a - b));
  });

  it('is the same after up, down and up again, and after an interrupted installation', async () => {
    const before = await schemaSnapshot(database, { schema: 'graphile_worker' });
    await withoutQueue();
    await migrate(database, schema, silentLogger);
    expect(await schemaSnapshot(database, { schema: 'graphile_worker' })).toEqual(before);
    await query(database, `DELETE FROM schema_migrations WHERE name = 'CreateJobs1770000200000'`);
    expect(await migrate(database, schema, silentLogger)).toEqual(['CreateJobs1770000200000']);
    expect(await schemaSnapshot(database, { schema: 'graphile_worker' })).toEqual(before);
  });

  it('is refused with advice if the role may not create schemas', async () => {
    await withoutQueue();
    await query(
      database,
      `DO $$ DECLARE name text; BEGIN FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
         EXECUTE format('ALTER TABLE %I OWNER TO ${role.user}', name); END LOOP; END $$`,
    );
    const refused = migrate(role, schema, silentLogger);
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(
      `  - CREATE on the database ${database.database}, for the schema of the job queue ` +
        `(GRANT CREATE ON DATABASE ${database.database} TO ${role.user})`,
    );
  });

  it('can be used by a role that owns nothing and may write users', async () => {
    await withoutQueue();
    await query(database, `GRANT SELECT, INSERT, UPDATE, DELETE ON users TO ${role.user}`);
    await migrate(database, schema, silentLogger);
    const done: unknown[] = [];
    const worker = JobWorker.doing(role, 'greet', async (payload) => void done.push(payload));
    const sender = await JobSender.on(role);
    await sender.add('greet', { userId: 1 });
    await until(() => done.length === 1);
    await Promise.all([sender.stop(), worker.stop()]);
    expect(done).toEqual([{ userId: 1 }]);
  });
});
