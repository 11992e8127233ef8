import { readdirSync } from 'node:fs';
import { revertMigration } from '../../src/migrations/commands.js';
import { schema } from '../../src/migrations/schema.js';
import { ConfigurationError } from '../../src/platform/config/configuration-error.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { register, signIn } from '../support/accounts.js';
import { withDataSource } from '../support/schema-data-source.js';
import { schemaSnapshot } from '../support/schema-snapshot.js';
import { silentLogger } from '../support/silent-logger.js';
import { TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { until } from '../support/until.js';
import { adopt, deploymentOf, DUMP, rowsOf } from './existing-deployment.js';

/** Reverts every migration, the newest first. */
async function revertAll(database: DatabaseSettings): Promise<void> {
  await withDataSource(database, async (dataSource) => {
    for (const _migration of dataSource.migrations) await dataSource.undoLastMigration();
  });
}

/** Reverts migrations, the newest first, up to and including the named one. */
async function revertTo(database: DatabaseSettings, name: string): Promise<void> {
  for (let reverted = ''; !reverted.includes(name);) reverted = await revertMigration(database, silentLogger);
}

const DATABASES: [string, () => Promise<DatabaseSettings>][] = [
  ['a new database', () => createDatabase()],
  ['an adopted database', () => deploymentOf(DUMP)],
];

describe('the migrations', () => {
  it('are all listed in the schema, oldest first', () => {
    const files = readdirSync('src/migrations').filter((file) => /^\d+-[a-z-]+\.ts$/.test(file));
    const named = files.toSorted().map((file) => {
      const [time = '', ...words] = file.replace(/\.ts$/, '').split('-');
      return words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('') + time;
    });
    const listed = (schema.migrations as { name: string }[]).map(({ name }) => name);
    expect(listed).toEqual(named);
  });

  it.each(DATABASES)('produce the same schema after up, down and up again on %s', async (_what, make) => {
    const database = await make();
    await adopt(database);
    const before = await schemaSnapshot(database);
    expect(before.indexes).toContainEqual(expect.objectContaining({ name: 'uq_users_email_folded' }));
    await revertAll(database);
    expect(await schemaSnapshot(database)).not.toEqual(before);
    await adopt(database);
    expect(await schemaSnapshot(database)).toEqual(before);
    await dropDatabase(database);
  });

  it('delete no account when they are reverted', async () => {
    const database = await deploymentOf(DUMP);
    const before = await rowsOf(database);
    await adopt(database);
    await revertAll(database);
    expect(await rowsOf(database)).toEqual(before);
    expect(await adopt(database)).toContain('adopted the existing table users with 6 accounts');
    expect(await rowsOf(database)).toEqual(before);
    await dropDatabase(database);
  });

  it('leave an empty schema when they are reverted', async () => {
    const database = await createDatabase();
    await revertAll(database);
    const empty = await createDatabase({ empty: true });
    expect(await schemaSnapshot(database)).toEqual(await schemaSnapshot(empty));
    await Promise.all([database, empty].map(dropDatabase));
  });

  it('are reverted one at a time, and only by a build that has them', async () => {
    const database = await createDatabase();
    const newest = (schema.migrations as { name: string }[]).at(-1)?.name ?? '';
    const foreign = 'AddWhatIsToCome1999000000000';
    await query(database, `INSERT INTO schema_migrations (timestamp, name) VALUES (1999000000000, '${foreign}')`);
    const before = await schemaSnapshot(database, { bookkeeping: true });
    const refused = revertMigration(database, silentLogger);
    await expect(refused).rejects.toThrow(ConfigurationError);
    await expect(refused).rejects.toThrow(`${foreign} belongs to another build`);
    expect(await schemaSnapshot(database, { bookkeeping: true })).toEqual(before);
    await query(database, `DELETE FROM schema_migrations WHERE name = '${foreign}'`);
    expect(await revertMigration(database, silentLogger)).toBe(`Reverted ${newest}.`);
    await dropDatabase(database);
  });

  describe('which add session epochs', () => {
    const before = schema.migrations as { name: string }[];
    const upTo = before.findIndex(({ name }) => name.startsWith('AddSessionEpochs'));
    const insert = (id: string) => `
      INSERT INTO sessions (id, user_id, idle_expires_at, expires_at, device_label, address, token_hash)
      VALUES ('${id}', (SELECT id FROM users WHERE username = 'john'), now() + interval '1 day', now() + interval '1 day', 'curl', '::1', 'x')`;
    const link = (purpose: string) => `
      INSERT INTO one_time_tokens (id, user_id, purpose, email)
      VALUES (gen_random_uuid(), (SELECT id FROM users WHERE username = 'john'), '${purpose}', 'john@example.com')`;
    const OLD = '00000000-0000-4000-8000-000000000001';
    const NEW = '00000000-0000-4000-8000-000000000002';
    const EPOCHS = `
      SELECT ended_at IS NULL AND sessions.session_epoch = users.session_epoch AS live
        FROM sessions JOIN users ON users.id = user_id ORDER BY sessions.id`;

    it('keep live sessions, and revoke those of a disabled account', async () => {
      const database = await deploymentOf(DUMP);
      const earlier = { ...schema, migrations: before.slice(0, upTo) as never[] };
      await migrate(database, earlier, silentLogger);
      await query(database, insert(OLD));
      await adopt(database);
      expect(await query(database, EPOCHS)).toEqual([{ live: true }]);
      await revertTo(database, 'AddSessionEpochs');
      await query(database, `UPDATE users SET is_active = false WHERE username = 'john'`);
      await adopt(database);
      await query(database, `UPDATE users SET is_active = true WHERE username = 'john'; ${insert(NEW)}`);
      expect(await query(database, EPOCHS)).toEqual([{ live: false }, { live: true }]);
      await dropDatabase(database);
    });

    it('revoke sessions and links of earlier epochs when they are reverted', async () => {
      const database = await deploymentOf(DUMP);
      await adopt(database);
      await query(database, `${insert(OLD)}; ${link('password_reset')}; ${link('former_address')}`);
      for (const value of [false, true]) await query(database, `UPDATE users SET is_active = ${value}`);
      await query(database, insert(NEW));
      await revertTo(database, 'AddSessionEpochs');
      expect(await query(database, 'SELECT ended_at IS NULL AS live FROM sessions ORDER BY id')).toEqual([
        { live: false },
        { live: true },
      ]);
      expect(await query(database, 'SELECT purpose FROM one_time_tokens')).toEqual([{ purpose: 'former_address' }]);
      await dropDatabase(database);
    });
  });

  it('confirm refreshes from before the upgrade, except those of the last minutes', async () => {
    const database = await deploymentOf(DUMP);
    await adopt(database);
    const refreshedBefore = (time: string) => `
      INSERT INTO sessions (id, user_id, idle_expires_at, expires_at, device_label, address, token_hash, generation, rotated_at)
      VALUES (gen_random_uuid(), (SELECT id FROM users WHERE username = 'john'), now() + interval '1 day',
        now() + interval '1 day', '${time}', '::1', 'x', 3, now() - interval '${time}')`;
    await revertTo(database, 'AddRefreshConfirmations');
    await query(database, `${refreshedBefore('1 day')}; ${refreshedBefore('1 minute')}`);
    await adopt(database);
    const sql = `SELECT confirmed_generation AS confirmed, confirmed_at = rotated_at AS at_rotation FROM sessions ORDER BY rotated_at`;
    expect(await query(database, sql)).toEqual([
      { confirmed: 3, at_rotation: true },
      { confirmed: 0, at_rotation: null },
    ]);
    await dropDatabase(database);
  });

  it('set the last authentication of existing sessions to their sign-in', async () => {
    const database = await deploymentOf(DUMP);
    await adopt(database);
    await revertTo(database, 'AddSessionAssurance');
    await query(
      database,
      `INSERT INTO sessions (id, user_id, created_at, idle_expires_at, expires_at, device_label, address, token_hash)
       VALUES (gen_random_uuid(), (SELECT id FROM users WHERE username = 'john'), now() - interval '3 days',
         now() + interval '1 day', now() + interval '1 day', 'curl', '::1', 'x')`,
    );
    await adopt(database);
    const sql = 'SELECT aal, amr, authenticated_at = created_at AS at_sign_in FROM sessions';
    expect(await query(database, sql)).toEqual([{ aal: 1, amr: ['pwd'], at_sign_in: true }]);
    await dropDatabase(database);
  });
});

const OTHER_SESSIONS = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;

describe('the service', () => {
  it('never changes the schema of a migrated database', async () => {
    const database = await createDatabase();
    await query(database, 'ALTER TABLE users DROP COLUMN updated_at');
    const before = await schemaSnapshot(database, { bookkeeping: true });
    const app = await TestApp.start({ database });
    await app.stop();
    expect(await schemaSnapshot(database, { bookkeeping: true })).toEqual(before);
    await dropDatabase(database);
  });

  it('finds usernames and e-mails through the case-insensitive indexes', async () => {
    const database = await createDatabase();
    await query(database, `ALTER DATABASE ${database.database} SET enable_seqscan TO off`);
    const scans = () =>
      query(
        database,
        `SELECT indexrelname AS index, idx_scan::int AS scans FROM pg_stat_user_indexes
          WHERE indexrelname LIKE '%caseless' ORDER BY 1`,
      );
    const app = await TestApp.start({ database });
    try {
      await signIn(app.url, await register(app.url, { email: 'indexed@example.com' }));
    } finally {
      await app.stop();
    }
    // PostgreSQL adds a session's statistics when the session ends, some time after the connection is closed.
    await until(async () => (await query(database, OTHER_SESSIONS)).length === 0);
    expect(await scans()).toEqual([
      { index: 'uq_users_email_caseless', scans: 1 },
      { index: 'uq_users_username_caseless', scans: 2 },
    ]);
    await dropDatabase(database);
  });
});
