import { randomBytes } from 'node:crypto';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { AnonymousEventLimit } from '../../src/audit/anonymous-event-limit.js';
import { AuditWriter } from '../../src/audit/audit-writer.js';
import { AuditMetrics } from '../../src/audit/audit-metrics.js';
import { AuditPartitions } from '../../src/audit/audit-partitions.js';
import { acknowledgeLosses } from '../../src/audit/lost-events.js';
import { EVENT_COLUMNS } from '../../src/audit/sealing.sql.js';
import { digestEvent, findChainHead, type SealContent, hashSeal } from '../../src/audit/hash-chain.js';
import { momentSql } from '../../src/audit/audit-event.sql.js';
import { sealAll } from '../../src/audit/sealing.js';
import { verifyAuditLog } from '../../src/audit/verification.js';
import { schema } from '../../src/migrations/schema.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { eventOf } from '../support/audit-log.js';
import { silentLogger } from '../support/silent-logger.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';

// The roles of deploy/postgres/strict.sql: one owns the tables, the service uses another.
describe('the database role of the service when it owns no table', () => {
  const role = `app_${randomBytes(4).toString('hex')}`;
  let database: DatabaseSettings;
  let dataSource: DataSource;
  let audit: AuditWriter;

  beforeAll(async () => {
    database = await createDatabase({ empty: true });
    await query(database, `CREATE ROLE ${role} LOGIN PASSWORD 'app'`);
    // The hashed text must not depend on the settings of the session.
    await query(
      database,
      `ALTER ROLE ${role} SET timezone = 'Asia/Kolkata'; ALTER ROLE ${role} SET datestyle = 'German'`,
    );
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
    dataSource = await new DataSource({ ...options, entities: schema.entities, installExtensions: false }).initialize();
    audit = new AuditWriter(dataSource, new AuditMetrics(new Metrics(), dataSource), new AnonymousEventLimit());
  });
  afterAll(async () => {
    await dataSource.destroy();
    await query(database, `DROP OWNED BY ${role}`);
    await dropDatabase(database);
    await query({ ...database, database: 'postgres' }, `DROP ROLE ${role}`);
  });

  it('can record, seal, erase and verify', async () => {
    await audit.record(dataSource.manager, eventOf());
    await dataSource.transaction(async (tx) => audit.erase(tx, 7));
    expect(await sealAll(dataSource)).toMatchObject({ events: 2 });
    expect(await verifyAuditLog(dataSource)).toMatchObject({ intact: true, events: 2, erased: 1 });
  });

  it('can acknowledge a lost event, after which its month can be dropped', async () => {
    const old = "timestamptz '2020-01-05'";
    await query(database, `INSERT INTO audit_unsealed VALUES (4711, ${old})`);
    const drop = async () => dataSource.query("SELECT audit_drop_before('2020-06-01')");
    await expect(drop()).rejects.toThrow('not sealed yet');
    await acknowledgeLosses(dataSource, ['4711']);
    expect(await drop()).toEqual([{ audit_drop_before: '0' }]);
    expect(await sealAll(dataSource)).toMatchObject({ events: 1 });
    expect(await verifyAuditLog(dataSource)).toMatchObject({ intact: true });
  });

  it('can create and drop months through the functions, but not directly', async () => {
    const next = "date_trunc('month', now() AT TIME ZONE 'UTC' + interval '2 months')";
    await query(database, `DROP TABLE audit_events_${await monthName(2)}, audit_details_${await monthName(2)}`);
    await dataSource.query(`SELECT audit_make_month((${next})::date)`);
    const [month] = await dataSource.query<{ name: string }[]>(
      `SELECT 'audit_events_' || to_char(${next}, 'YYYY_MM') AS name`,
    );
    await expect(dataSource.query(`DELETE FROM ${month?.name}`)).rejects.toThrow('permission denied');
    await expect(dataSource.query(`INSERT INTO ${month?.name} SELECT * FROM audit_events`)).rejects.toThrow('denied');
    await expect(dataSource.query(`DROP TABLE ${month?.name}`)).rejects.toThrow('must be owner');
    const months = new AuditPartitions(dataSource, { AUDIT_RETENTION_DAYS: 400 }, audit);
    await months.createAhead();
    expect(await months.dropExpired()).toBe(0);
  });

  /** The month that many months ahead by the database's clock, as `2026_11`. */
  const monthName = async (ahead: number) => {
    const [row] = await query<{ name: string }>(
      database,
      `SELECT to_char(now() AT TIME ZONE 'UTC' + ${ahead} * interval '1 month', 'YYYY_MM') AS name`,
    );
    return row?.name ?? '';
  };

  it.each(['-1 month', '3 months', '70 years', '-70 years'])(
    'cannot create a month at a distance of %s',
    async (distance) => {
      const day = `(now() AT TIME ZONE 'UTC' + interval '${distance}')::date`;
      const partitions = 'SELECT count(*) FROM pg_inherits';
      const before = await query(database, partitions);
      await expect(dataSource.query(`SELECT audit_make_month(${day})`)).rejects.toThrow('only the present month');
      await expect(dataSource.query(`SELECT audit_make_month('infinity')`)).rejects.toThrow('only the present month');
      expect(await query(database, partitions)).toEqual(before);
    },
  );

  describe('inserting a seal directly', () => {
    const SEAL = `INSERT INTO audit_seals (seq, month, sealed_at, events, event_ids, digests, previous_hash, hash)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

    /** Inserts the next seal with changes and, by default, a matching hash, then rolls back. */
    async function addSeal(
      change: (seal: SealContent) => Partial<SealContent & { events: number; hash: Buffer }> = () => ({}),
    ): Promise<void> {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      try {
        const head = await findChainHead(runner.manager);
        const [event] = (await runner.query(`SELECT ${EVENT_COLUMNS} FROM audit_events event
          JOIN audit_unsealed ON event_id = id LIMIT 1`)) as { id: string; month: string; text: string }[];
        const [{ now = '' } = {}] = (await runner.query(`SELECT ${momentSql('clock_timestamp()')} AS now`)) as {
          now?: string;
        }[];
        const next: SealContent = {
          seq: String(BigInt(head.seq) + 1n),
          month: event?.month ?? '',
          sealedAt: now,
          eventIds: [event?.id ?? ''],
          digests: digestEvent(event?.text ?? ''),
          previousHash: head.hash,
        };
        const { events, hash, ...content } = { events: undefined, hash: undefined, ...next, ...change(next) };
        const { seq, month, sealedAt, eventIds, digests, previousHash } = content;
        const values = [seq, month, sealedAt, events ?? eventIds.length, eventIds, digests, previousHash];
        await runner.query(SEAL, [...values, hash ?? hashSeal(content)]);
      } finally {
        await runner.rollbackTransaction();
        await runner.release();
      }
    }

    beforeEach(() => audit.record(dataSource.manager, eventOf()));
    afterEach(async () => {
      expect((await sealAll(dataSource)).events).toBeGreaterThan(0);
      expect(await verifyAuditLog(dataSource)).toMatchObject({ intact: true, unsealed: 0 });
    });

    it('is allowed for a seal that the service would write', async () => {
      await expect(addSeal()).resolves.toBeUndefined();
    });

    it.each<[string, (seal: SealContent) => Partial<SealContent & { events: number; hash: Buffer }>]>([
      ['with a number far ahead', ({ seq }) => ({ seq: String(BigInt(seq) + 1_000_000n) })],
      ['that skips a number', ({ seq }) => ({ seq: String(BigInt(seq) + 1n) })],
      ['with a number before the chain', () => ({ seq: '-1' })],
      ['with another previous hash', () => ({ previousHash: Buffer.alloc(32, 1) })],
      ['with a wrong hash', () => ({ hash: Buffer.alloc(32, 1) })],
      ['with other digests', () => ({ digests: Buffer.alloc(32, 1) })],
      ['with more digests than events', ({ digests }) => ({ digests: Buffer.concat([digests, digests]) })],
      ['without events', () => ({ eventIds: [], digests: Buffer.alloc(0) })],
      ['of an event that does not exist', () => ({ eventIds: ['999999999'] })],
      ['of a sealed event', () => ({ eventIds: ['1'] })],
      [
        'of an event twice',
        ({ eventIds, digests }) => ({
          eventIds: [...eventIds, ...eventIds],
          digests: Buffer.concat([digests, digests]),
        }),
      ],
      ['with a wrong number of events', () => ({ events: 2 })],
      ['of another month', () => ({ month: '2020-01-01' })],
      ['with a time in the past', () => ({ sealedAt: '2020-01-01T00:00:00.000000Z' })],
      ['with a time in the future', () => ({ sealedAt: '2099-01-01T00:00:00.000000Z' })],
    ])('is refused for a seal %s', async (_what, change) => {
      await expect(addSeal(change)).rejects.toThrow('does not continue the chain');
    });
  });

  it('cannot execute the function that checks seals', async () => {
    await expect(
      dataSource.query(`CREATE TRIGGER mine BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION audit_check_seal()`),
    ).rejects.toThrow('permission denied');
  });

  it.each([
    'INSERT INTO schema_migrations (timestamp, name) VALUES (1, $$x$$)',
    "UPDATE schema_migrations SET name = 'x'",
    'DELETE FROM schema_migrations',
    'TRUNCATE schema_migrations',
    "SELECT nextval('schema_migrations_id_seq')",
    "SELECT setval('audit_event_ids', 1)",
    "SELECT nextval('audit_checkpoints_id_seq')",
    'INSERT INTO graphile_worker.migrations (id) VALUES (1000000)',
    'UPDATE graphile_worker.migrations SET breaking = true',
    'DELETE FROM graphile_worker.migrations',
    'UPDATE audit_unsealed SET occurred_at = now()',
    'UPDATE audit_events SET actor_id = 8',
    "INSERT INTO audit_events (occurred_at, action, outcome, data) VALUES (now() - interval '1 day', 'x', 'x', '{}')",
    "INSERT INTO audit_events (id, action, outcome, data) VALUES (0, 'x', 'x', '{}')",
    'DELETE FROM audit_events',
    'TRUNCATE audit_events',
    'DELETE FROM audit_events_default',
    "SET audit.dropping = 'on'; DELETE FROM audit_events",
    'UPDATE audit_seals SET seq = 8',
    "SET audit.dropping = 'on'; DELETE FROM audit_seals",
    'TRUNCATE audit_seals',
    "SET audit.dropping = 'on'; TRUNCATE audit_unsealed",
    "UPDATE audit_details SET address = '::1'",
    "INSERT INTO audit_checkpoints (dropped_before, dropped_events, last_seq, last_hash) VALUES (now(), 0, 0, '')",
    'DELETE FROM audit_checkpoints',
  ])('is denied: %s', async (sql) => {
    await expect(dataSource.query(sql)).rejects.toThrow('permission denied');
  });

  it.each([
    'ALTER TABLE audit_events DISABLE TRIGGER USER',
    'DROP TABLE audit_seals',
    'SET session_replication_role = replica',
  ])('cannot bypass the triggers: %s', async (sql) => {
    await expect(dataSource.query(sql)).rejects.toThrow(/must be owner|permission denied/);
  });

  it('is the only role besides the owner that may call the functions', async () => {
    const [rights] = await query(
      database,
      `SELECT proacl::text NOT LIKE '%{=X%' AND proacl::text NOT LIKE '%,=X%' AS closed, proacl::text LIKE '%${role}=X%' AS open
         FROM pg_proc WHERE proname = 'audit_drop_before'`,
    );
    expect(rights).toEqual({ closed: true, open: true });
  });
});
