import pg from 'pg';
import { AuditPartitions } from '../../src/audit/audit-partitions.js';
import { AuditLog } from '../support/audit-log.js';

const MONTH = "date_trunc('month', now() AT TIME ZONE 'UTC')";

describe('monthly partitions of the audit log', () => {
  let log: AuditLog;
  beforeEach(async () => (log = await AuditLog.open()));
  afterEach(() => log.close());

  const months = (days = 400) => new AuditPartitions(log.dataSource, { AUDIT_RETENTION_DAYS: days }, log.audit);
  const partitions = async (table = 'audit_events') => {
    const rows = await log.sql<{ name: string }>(
      'SELECT relname AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = $1::regclass ORDER BY 1',
      [table],
    );
    return rows.map(({ name }) => name.replace(`${table}_`, ''));
  };
  const monthsAgo = async (count: number) => {
    const [row] = await log.sql<{ name: string }>(
      `SELECT to_char(${MONTH} - ${count} * interval '1 month', 'YYYY_MM') AS name`,
    );
    return row?.name ?? '';
  };
  /** Months with a retention that keeps the month `ago` months back as the oldest. */
  const keeping = async (ago: number) => {
    const [row] = await log.sql<{ days: number }>(
      `SELECT (now() AT TIME ZONE 'UTC')::date - (${MONTH} - ${ago} * interval '1 month')::date AS days`,
    );
    return months(row?.days);
  };
  /** Inserts and seals events of a past month. */
  const fill = async (ago: number, count = 3) => {
    await log.sql(`SELECT audit_make_month((${MONTH} - ${ago} * interval '1 month')::date)`);
    await log.sql(`
      WITH event AS (
        INSERT INTO audit_events (occurred_at, action, outcome, data, subject_id, details_digest)
        SELECT ${MONTH} - ${ago} * interval '1 month' + n * interval '1 day', 'session.opened', 'success', '{}', 7,
               sha256('salt' || convert_to(jsonb_build_array('::1'::text, NULL, NULL)::text, 'UTF8'))
          FROM generate_series(1, ${count}) n RETURNING id, occurred_at
      ), waiting AS (INSERT INTO audit_unsealed SELECT id, occurred_at FROM event)
      INSERT INTO audit_details (event_id, occurred_at, subject_id, address, salt)
      SELECT id, occurred_at, 7, '::1', 'salt' FROM event`);
    await log.seal();
  };

  it('are created by the migration: the current month, two more and a default', async () => {
    const expected = ['default', await monthsAgo(0), await monthsAgo(-1), await monthsAgo(-2)].toSorted();
    for (const table of ['audit_events', 'audit_details']) {
      expect((await partitions(table)).toSorted()).toEqual(expected);
    }
  });

  it('are created ahead, and again if one is missing', async () => {
    const next = await monthsAgo(-2);
    await log.sql(`DROP TABLE audit_events_${next}, audit_details_${next}`);
    await months().createAhead();
    await months().createAhead();
    expect(await partitions()).toContain(next);
    await expect(log.sql(`TRUNCATE audit_events_${next}`)).rejects.toThrow('append-only');
  });

  it('can be dropped while the log is being verified', async () => {
    await fill(3);
    await log.record();
    await log.seal();
    const holder = new pg.Client({ ...log.database });
    await holder.connect();
    // Blocks the drop after it has dropped the months and before it commits.
    await holder.query('BEGIN; LOCK TABLE audit_checkpoints IN EXCLUSIVE MODE');
    const dropping = (await keeping(2)).dropExpired();
    await new Promise((done) => setTimeout(done, 300));
    const verifying = log.verify();
    await new Promise((done) => setTimeout(done, 300));
    await holder.end();
    expect(await dropping).toBe(3);
    expect(await verifying).toMatchObject({ intact: true, findings: [] });
  });

  it('are not needed to record an event', async () => {
    const now = await monthsAgo(0);
    await log.sql(`DROP TABLE audit_events_${now}, audit_details_${now}`);
    const id = await log.record();
    expect(await log.sql('SELECT id FROM audit_events_default')).toEqual([{ id }]);
    // Events in the default partition stay there, and later months are created.
    await months().createAhead();
    expect(await partitions()).not.toContain(now);
    await log.seal();
    expect(await log.verify()).toMatchObject({ intact: true, events: 1 });
    await expect(log.sql('DELETE FROM audit_events')).rejects.toThrow('append-only');
  });

  it('are dropped once they pass the retention, after which the chain begins at a checkpoint', async () => {
    for (const ago of [5, 4]) await fill(ago);
    const { head: lastDropped } = await log.verify();
    for (const ago of [3, 0]) await fill(ago);
    const { head } = await log.verify();
    const kept = await keeping(3);
    expect(await kept.dropExpired()).toBe(6);
    expect(await partitions()).toEqual(expect.arrayContaining([await monthsAgo(3), await monthsAgo(0)]));
    expect(await partitions()).not.toEqual(expect.arrayContaining([await monthsAgo(4)]));
    expect(await partitions('audit_details')).not.toEqual(expect.arrayContaining([await monthsAgo(4)]));
    expect(await log.sql('SELECT seq FROM audit_seals ORDER BY seq')).toEqual([{ seq: '3' }, { seq: '4' }]);
    await log.seal();
    expect(await log.verify(head)).toMatchObject({ intact: true, events: 7, checkpoint: { lastSeq: '2' } });
    expect(await log.verify(lastDropped)).toMatchObject({ intact: true });
    expect(await kept.dropExpired()).toBe(0);
    expect(await log.sql("SELECT FROM audit_events WHERE action = 'audit.months_dropped'")).toHaveLength(1);
  });

  it('are dropped a second time, up to the last event', async () => {
    await fill(5);
    await fill(3);
    await (await keeping(4)).dropExpired();
    await log.seal();
    await (await keeping(2)).dropExpired();
    await log.seal();
    expect(await log.sql('SELECT dropped_events FROM audit_checkpoints ORDER BY id')).toEqual([
      { dropped_events: '3' },
      { dropped_events: '3' },
    ]);
    expect(await log.verify()).toMatchObject({ intact: true, events: 2, seals: 2 });
  });

  it('keep the seals that follow a seal of a later month, so that the chain stays complete', async () => {
    await fill(5);
    await fill(0);
    await fill(5);
    await fill(0);
    await (await keeping(3)).dropExpired();
    expect(await log.sql('SELECT seq FROM audit_seals ORDER BY seq')).toEqual(['2', '3', '4'].map((seq) => ({ seq })));
    expect(await log.verify()).toMatchObject({ intact: true, checkpoint: { lastSeq: '1' } });
    await log.tamper("UPDATE audit_seals SET digests = digests || '\\x00' WHERE seq = 3");
    expect((await log.verify()).findings).toMatchObject([{ kind: 'seal.changed', seq: '3' }]);
  });

  it('are dropped together with old events of the default partition', async () => {
    await log.sql(`
      WITH event AS (
        INSERT INTO audit_events (occurred_at, action, outcome, data)
        VALUES (now() - interval '900 days', 'user.deleted', 'success', '{}') RETURNING id, occurred_at
      ) INSERT INTO audit_unsealed SELECT id, occurred_at FROM event`);
    await log.record();
    await log.seal();
    expect(await months().dropExpired()).toBe(1);
    await log.seal();
    expect(await log.verify()).toMatchObject({ intact: true, events: 2 });
  });

  it('are kept while one of their events is unsealed', async () => {
    await fill(5);
    await log.sql(`INSERT INTO audit_unsealed SELECT id, occurred_at FROM audit_events LIMIT 1`);
    await expect((await keeping(3)).dropExpired()).rejects.toThrow('not sealed yet');
    expect(await partitions()).toContain(await monthsAgo(5));
  });

  it('cannot be dropped within 31 days, even by a direct call', async () => {
    for (const day of ['now()', "now() + interval '1 month'"]) {
      await expect(log.sql(`SELECT audit_drop_before((${day})::date)`)).rejects.toThrow('31 days');
    }
  });
});
