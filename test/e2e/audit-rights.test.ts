import { randomBytes } from 'node:crypto';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { Environment } from '../../src/platform/config/environment.js';
import { AnonymousEvents } from '../../src/audit/anonymous-events.js';
import { Audit } from '../../src/audit/audit.js';
import { AuditMetrics } from '../../src/audit/audit-metrics.js';
import { AuditMonths } from '../../src/audit/audit-months.js';
import { acknowledgeLosses } from '../../src/audit/losses.js';
import { sealAll } from '../../src/audit/sealing.js';
import { verifyNow } from '../../src/audit/audit-commands.js';
import { schema } from '../../src/migrations/schema.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { eventOf } from '../support/audit-log.js';
import { silentLogger } from '../support/silent-logger.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';

// As deploy/postgres/strict.sql has it: one role owns the tables, another one serves.
describe('the role that serves and owns no table (A116, A119)', () => {
  const role = `app_${randomBytes(4).toString('hex')}`;
  let database: DatabaseSettings;
  let dataSource: DataSource;
  let audit: Audit;

  beforeAll(async () => {
    database = await createDatabase({ empty: true });
    await query(database, `CREATE ROLE ${role} LOGIN PASSWORD 'app'`);
    await query(database, `ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role}`);
    await query(database, `ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO ${role}`);
    await migrate(database, schema, silentLogger);
    const { host, port, database: name } = database;
    const options: DataSourceOptions = {
      type: 'postgres',
      host,
      port,
      database: name,
      username: role,
      password: 'app',
    };
    dataSource = await new DataSource({ ...options, installExtensions: false }).initialize();
    audit = new Audit(dataSource, new AuditMetrics(new Metrics(), dataSource), new AnonymousEvents());
  });
  afterAll(async () => {
    await dataSource.destroy();
    await query(database, `DROP OWNED BY ${role}`);
    await dropDatabase(database);
    await query({ ...database, database: 'postgres' }, `DROP ROLE ${role}`);
  });

  it('records, seals, erases and verifies', async () => {
    await audit.record(dataSource.manager, eventOf());
    await dataSource.transaction(async (tx) => audit.erase(tx, 7));
    expect(await sealAll(dataSource)).toMatchObject({ events: 2 });
    expect(await verifyNow(dataSource)).toMatchObject({ intact: true, events: 2, erased: 1 });
  });

  it('takes note of what was lost, so that its month can be dropped', async () => {
    const old = "timestamptz '2020-01-05'";
    await query(database, `INSERT INTO audit_unsealed VALUES (4711, ${old})`);
    const drop = async () => dataSource.query("SELECT audit_drop_before('2020-06-01')");
    await expect(drop()).rejects.toThrow('not sealed yet');
    await acknowledgeLosses(dataSource, ['4711']);
    expect(await drop()).toEqual([{ audit_drop_before: '0' }]);
    expect(await sealAll(dataSource)).toMatchObject({ events: 1 });
    expect(await verifyNow(dataSource)).toMatchObject({ intact: true });
  });

  it('has months made and dropped, which it may not do itself', async () => {
    const next = "date_trunc('month', now() + interval '7 months')";
    await dataSource.query(`SELECT audit_make_month((${next})::date)`);
    const [month] = await dataSource.query<{ name: string }[]>(
      `SELECT 'audit_events_' || to_char(${next} AT TIME ZONE 'UTC', 'YYYY_MM') AS name`,
    );
    await expect(dataSource.query(`DELETE FROM ${month?.name}`)).rejects.toThrow('permission denied');
    await expect(dataSource.query(`INSERT INTO ${month?.name} SELECT * FROM audit_events`)).rejects.toThrow('denied');
    await expect(dataSource.query(`DROP TABLE ${month?.name}`)).rejects.toThrow('must be owner');
    const months = new AuditMonths(dataSource, { AUDIT_RETENTION_DAYS: 400 } as Environment, audit);
    await months.makeAhead();
    expect(await months.dropOld()).toBe(0);
  });

  it.each([
    'UPDATE audit_events SET actor_id = 8',
    "INSERT INTO audit_events (occurred_at, action, outcome, data) VALUES (now() - interval '1 day', 'x', 'x', '{}')",
    "INSERT INTO audit_events (id, action, outcome, data) VALUES (0, 'x', 'x', '{}')",
    'DELETE FROM audit_events',
    'TRUNCATE audit_events',
    'DELETE FROM audit_events_default',
    "SET audit.dropping = 'on'; DELETE FROM audit_events",
    'UPDATE audit_seals SET seq = 8',
    "SET audit.dropping = 'on'; DELETE FROM audit_seals",
    "UPDATE audit_details SET address = '::1'",
    "INSERT INTO audit_checkpoints (dropped_before, dropped_events, last_seq, last_hash) VALUES (now(), 0, 0, '')",
    'DELETE FROM audit_checkpoints',
  ])('may not %s', async (sql) => {
    await expect(dataSource.query(sql)).rejects.toThrow('permission denied');
  });

  it.each([
    'ALTER TABLE audit_events DISABLE TRIGGER USER',
    'DROP TABLE audit_seals',
    'SET session_replication_role = replica',
  ])('cannot go around the triggers: %s', async (sql) => {
    await expect(dataSource.query(sql)).rejects.toThrow(/must be owner|permission denied/);
  });

  it('is the only one beside the owner that may call the functions', async () => {
    const [rights] = await query(
      database,
      `SELECT proacl::text NOT LIKE '%{=X%' AND proacl::text NOT LIKE '%,=X%' AS closed, proacl::text LIKE '%${role}=X%' AS open
         FROM pg_proc WHERE proname = 'audit_drop_before'`,
    );
    expect(rights).toEqual({ closed: true, open: true });
  });
});
