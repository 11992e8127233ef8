import { readFileSync } from 'node:fs';
import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { AuditWriter } from '../../src/audit/audit-writer.js';
import { AnonymousEventLimit } from '../../src/audit/anonymous-event-limit.js';
import { verifyAuditLog } from '../../src/audit/verification.js';
import { AuditMetrics } from '../../src/audit/audit-metrics.js';
import { AuditPartitions } from '../../src/audit/audit-partitions.js';
import { sealAll } from '../../src/audit/sealing.js';
import { gatherSchema, type SchemaFacts } from '../../src/doctor/facts/schema-facts.js';
import { schema } from '../../src/migrations/schema.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { eventOf } from '../support/audit-log.js';
import { DebianPostgres } from '../support/debian-postgres.js';
import { describeIf } from '../support/programs.js';
import { silentLogger } from '../support/silent-logger.js';
import { query } from '../support/test-databases.js';

jest.setTimeout(60_000);

/** Privileges that strict.sql of earlier releases left. */
const EARLIER_RIGHTS = `
  GRANT INSERT, UPDATE, DELETE ON schema_migrations, graphile_worker.migrations TO auth;
  GRANT UPDATE ON audit_unsealed TO auth;
  GRANT USAGE ON SEQUENCE schema_migrations_id_seq, audit_checkpoints_id_seq TO auth;
  GRANT CREATE ON SCHEMA public TO PUBLIC; GRANT TEMPORARY ON DATABASE auth TO PUBLIC`;

const RELATIONS = `
  SELECT CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname AS name, relkind = 'S' AS "isSequence",
         ARRAY(SELECT wanted FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
                       WITH ORDINALITY AS rights (wanted, place)
                WHERE relkind <> 'S' AND has_table_privilege('auth', c.oid, wanted) ORDER BY place)
         || ARRAY(SELECT wanted FROM unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) WITH ORDINALITY AS rights (wanted, place)
                   WHERE relkind = 'S' AND has_sequence_privilege('auth', c.oid, wanted) ORDER BY place) AS rights
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
   WHERE nspname IN ('public', 'graphile_worker') AND relkind IN ('r', 'p', 'S', 'v', 'm', 'f') ORDER BY 1`;

interface Relation {
  name: string;
  isSequence: boolean;
  rights: string[];
}

/** The privileges on a relation that docs/audit/tamper-evidence.md lists. */
function documentedRights(): (relation: Relation) => string {
  const [, table = ''] =
    /<!-- rights -->([^]*)<!-- \/rights -->/.exec(readFileSync('docs/audit/tamper-evidence.md', 'utf8')) ?? [];
  const rows = table
    .split('\n')
    .filter((line) => line.startsWith('| `') || line.startsWith('| every'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const named = rows.flatMap(([, names = '', rights = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => ({
      pattern: new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}$`),
      rights,
    })),
  );
  const everyOther = (kind: string) => rows.find(([, names]) => names === `every other ${kind}`)?.[2] ?? '';
  return ({ name, isSequence }) =>
    named.find(({ pattern }) => pattern.test(name))?.rights ?? everyOther(isSequence ? 'sequence' : 'table');
}

const describeWithPostgres = describeIf(
  DebianPostgres.programs !== undefined,
  'the server or a client program of PostgreSQL is not installed (Debian: apt-get install postgresql)',
);
if (!DebianPostgres.programs) {
  process.stderr.write('\nSKIPPED strict.sql: no PostgreSQL server installed (Debian: apt-get install postgresql)\n');
}

describeWithPostgres('the role of the service after strict.sql', () => {
  let postgres: DebianPostgres;
  let owner: DatabaseSettings;
  let dataSource: DataSource;
  let audit: AuditWriter;

  async function schemaFacts(): Promise<SchemaFacts> {
    const { host, port, user, password, database } = postgres.settings;
    const client = new pg.Client({ host, port, user, password, database });
    await client.connect();
    try {
      return await gatherSchema(client, {});
    } finally {
      await client.end();
    }
  }

  beforeAll(async () => {
    postgres = await DebianPostgres.start();
    await migrate(postgres.settings, schema, silentLogger);
    postgres.runFile('strict.sql', { AUTH_OWNER_PASSWORD: 'owns' });
    owner = { ...postgres.settings, user: 'auth_owner', password: 'owns' };
    await query(owner, EARLIER_RIGHTS);
    expect(await schemaFacts()).toMatchObject({ mayWriteMigrations: true });
    postgres.runFile('strict.sql', {});
    const { host, port, user: username, password, database } = postgres.settings;
    const options: DataSourceOptions = { type: 'postgres', host, port, database, username, password };
    dataSource = await new DataSource({ ...options, entities: schema.entities, installExtensions: false }).initialize();
    const metrics = new AuditMetrics(new Metrics(), dataSource);
    audit = new AuditWriter(dataSource, metrics, new AnonymousEventLimit());
  });
  afterAll(async () => {
    await dataSource.destroy();
    await postgres.stop();
  });

  const findings = async () => (await verifyAuditLog(dataSource)).findings.map(({ kind }) => kind);

  it('has exactly the documented privileges, without those of earlier releases', async () => {
    const relations = await query<Relation>(owner, RELATIONS);
    expect(relations.length).toBeGreaterThan(20);
    const documented = documentedRights();
    expect(relations.map((each) => `${each.name}: ${each.rights.join(', ')}`)).toEqual(
      relations.map((each) => `${each.name}: ${documented(each)}`),
    );
    const columns = await query<{ name: string }>(
      owner,
      `SELECT attname AS name FROM pg_attribute
        WHERE attrelid = 'audit_events'::regclass AND attnum > 0
          AND NOT has_column_privilege('auth', attrelid, attnum, 'INSERT')`,
    );
    expect(columns.map(({ name }) => name)).toEqual(['id', 'occurred_at']);
  });

  it('may call only two SECURITY DEFINER functions', async () => {
    const functions = await query(
      owner,
      `SELECT proname AS name FROM pg_proc WHERE prosecdef AND has_function_privilege('auth', oid, 'EXECUTE') ORDER BY 1`,
    );
    expect(functions).toEqual([{ name: 'audit_drop_before' }, { name: 'audit_make_month' }]);
  });

  it('passes the doctor', async () => {
    expect(await schemaFacts()).toMatchObject({
      pending: [],
      lackingRights: [],
      isKeptFromQueue: false,
      mayWriteMigrations: false,
    });
  });

  it('records, seals, erases, creates and drops months, and verifies', async () => {
    await audit.record(dataSource.manager, eventOf());
    await dataSource.transaction(async (tx) => audit.erase(tx, 7));
    expect(await sealAll(dataSource)).toMatchObject({ events: 2 });
    const months = new AuditPartitions(dataSource, { AUDIT_RETENTION_DAYS: 400 }, audit);
    await months.createAhead();
    expect(await months.dropExpired()).toBe(0);
    expect(await verifyAuditLog(dataSource)).toMatchObject({ intact: true, events: 2, erased: 1 });
  });

  it.each([
    "INSERT INTO schema_migrations (timestamp, name) VALUES (1, 'x')",
    'DELETE FROM schema_migrations',
    'UPDATE graphile_worker.migrations SET breaking = true',
    "SELECT audit_make_month('2099-01-01')",
    "SELECT audit_make_month('1999-01-01')",
    `INSERT INTO audit_seals VALUES (1000000, '2026-11-01', 0, '{}', '', sha256(''), sha256(''), clock_timestamp())`,
    'CREATE TABLE mine (id int)',
    'CREATE TEMPORARY TABLE mine (id int)',
    'CREATE SCHEMA mine',
    'CREATE TRIGGER mine BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_refuse()',
    'ALTER FUNCTION audit_make_month(date) OWNER TO auth',
  ])('may not %s', async (sql) => {
    await expect(dataSource.query(sql)).rejects.toThrow(/permission denied|must be owner|only the present|continue/);
  });

  it.each([
    ['a forged row in the queue', 'INSERT INTO audit_unsealed VALUES (999, now())', 'event.lost'],
    ['a row that is removed from the queue', 'DELETE FROM audit_unsealed', 'event.unknown'],
    ['deleted details', 'DELETE FROM audit_details', 'details.missing'],
    [
      'added details',
      `INSERT INTO audit_details (event_id, occurred_at, address, salt)
       SELECT id, occurred_at, '::1', 'salt' FROM audit_events WHERE subject_id = 7`,
      'details.changed',
    ],
  ])('is detected by audit verification after %s', async (_what, sql, kind) => {
    await audit.record(dataSource.manager, eventOf({ actorId: 8, subjectId: 8 }));
    if (kind.startsWith('details')) await sealAll(dataSource);
    expect(await findings()).not.toContain(kind);
    await dataSource.query(sql);
    expect(await findings()).toContain(kind);
  });
});
