import { AuditLog, eventOf } from '../support/audit-log.js';
import { query } from '../support/test-databases.js';
import { until } from '../support/until.js';

const WAITING_SEALERS = `
  SELECT FROM pg_locks JOIN pg_database d ON d.oid = database
   WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()`;

describe('seals of the audit log', () => {
  let log: AuditLog;
  beforeEach(async () => (log = await AuditLog.open()));
  afterEach(() => log.close());

  const sealed = () =>
    log.sql<{ seq: string; ids: string[] }>('SELECT seq, event_ids AS ids FROM audit_seals ORDER BY seq');

  it('chain each committed event once', async () => {
    const ids = [await log.record(), await log.record()];
    expect(await log.seal()).toBe(2);
    expect(await log.seal()).toBe(0);
    const later = await log.record();
    expect(await log.seal()).toBe(1);
    expect(await sealed()).toEqual([
      { seq: '1', ids },
      { seq: '2', ids: [later] },
    ]);
    expect(await log.verify()).toMatchObject({
      intact: true,
      findings: [],
      seals: 2,
      events: 3,
      erased: 0,
      unsealed: 0,
    });
  });

  it('include an event whose transaction commits after later events are sealed', async () => {
    const runner = log.dataSource.createQueryRunner();
    await runner.startTransaction();
    await log.audit.record(runner.manager, eventOf({ subjectId: 1 }));
    const second = await log.record({ subjectId: 2 });
    expect(await log.seal()).toBe(1);
    // The log is intact while the transaction is open and its event invisible.
    expect(await log.verify()).toMatchObject({ intact: true, events: 1, unsealed: 0 });
    await runner.commitTransaction();
    await runner.release();
    expect(await log.verify()).toMatchObject({ intact: true, events: 1, unsealed: 1 });
    expect(await log.seal()).toBe(1);
    const [one, two] = await sealed();
    expect(one?.ids).toEqual([second]);
    expect(Number(two?.ids[0])).toBeLessThan(Number(second));
    expect(await log.verify()).toMatchObject({ intact: true, events: 2, unsealed: 0 });
  });

  it('block other sealers while one is being written, but not new events', async () => {
    const runner = log.dataSource.createQueryRunner();
    await log.record();
    await runner.startTransaction();
    await runner.query('SELECT pg_advisory_xact_lock(1635083380)');
    await runner.query('DELETE FROM audit_unsealed');
    await log.record();
    const sealing = log.seal();
    await until(async () => (await query(log.database, WAITING_SEALERS)).length === 1);
    await runner.rollbackTransaction();
    await runner.release();
    expect(await sealing).toBe(2);
  });

  it('form one chain when several sealers run at the same time', async () => {
    for (let count = 0; count < 20; count += 1) await log.record();
    const done = await Promise.all(Array.from({ length: 8 }, async () => log.seal()));
    expect(done.reduce((sum, events) => sum + events, 0)).toBe(20);
    expect(await log.verify()).toMatchObject({ intact: true, events: 20, unsealed: 0 });
  });

  it('contain at most a thousand events of a single month', async () => {
    await log.sql(`
      WITH event AS (
        INSERT INTO audit_events (occurred_at, action, outcome, data)
        SELECT now() - (n % 2) * interval '31 days', 'session.opened', 'success', '{}' FROM generate_series(1, 6) n
        RETURNING id, occurred_at
      ) INSERT INTO audit_unsealed SELECT id, occurred_at FROM event`);
    expect(await log.seal()).toBe(6);
    const months = await log.sql<{ month: string; events: number }>(
      `SELECT DISTINCT s.seq, to_char(month, 'YYYY-MM') = to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM') AS same
         FROM audit_seals s JOIN audit_events e ON e.id = ANY(s.event_ids)`,
    );
    expect(months.map((each) => Object.values(each)[1])).toEqual(Array.from({ length: 6 }, () => true));
    await log.sql(`
      WITH event AS (
        INSERT INTO audit_events (action, outcome, data)
        SELECT 'session.opened', 'success', '{}' FROM generate_series(1, 2500) n RETURNING id, occurred_at
      ) INSERT INTO audit_unsealed SELECT id, occurred_at FROM event ORDER BY id DESC`);
    expect(await log.seal()).toBe(2500);
    expect(await log.sql('SELECT events FROM audit_seals WHERE seq > 6 ORDER BY seq')).toEqual([
      { events: 1000 },
      { events: 1000 },
      { events: 500 },
    ]);
    expect(await log.verify()).toMatchObject({ intact: true, seals: 9, events: 2506 });
  });

  it('skip a full batch of lost events', async () => {
    await log.sql('INSERT INTO audit_unsealed SELECT n, now() FROM generate_series(1, 1000) n');
    await log.sql("SELECT setval('audit_event_ids', 1000)");
    await log.record();
    expect(await log.seal()).toBe(1);
  });

  it('stay valid when the details of an account are erased, which is recorded', async () => {
    await log.record();
    await log.record({ actorId: 8, subjectId: 8 });
    await log.record({ actorId: 7, subjectId: 8 });
    await log.seal();
    await log.dataSource.transaction(async (tx) => log.audit.erase(tx, 7));
    expect(await log.sql('SELECT actor_id, subject_id FROM audit_details')).toEqual([{ actor_id: 8, subject_id: 8 }]);
    expect(await log.sql(`SELECT data FROM audit_events WHERE action = 'audit.erased'`)).toEqual([
      { data: { events: 2 } },
    ]);
    expect(await log.verify()).toMatchObject({ intact: true, events: 3, erased: 2, unsealed: 1 });
    await log.seal();
    expect(await log.verify()).toMatchObject({ intact: true, events: 4, erased: 2, unsealed: 0 });
  });

  it('are valid for events that were erased before sealing', async () => {
    await log.record();
    await log.dataSource.transaction(async (tx) => log.audit.erase(tx, 7));
    await log.seal();
    expect(await log.verify()).toMatchObject({ intact: true, events: 2, erased: 1 });
  });

  it('can be compared with a recorded head', async () => {
    await log.record();
    await log.seal();
    const { head } = await log.verify();
    await log.record();
    await log.seal();
    expect(await log.verify(head)).toMatchObject({ intact: true });
    const other = { ...head, hash: 'a'.repeat(64) };
    expect(await log.verify(other)).toMatchObject({ intact: false, findings: [{ kind: 'anchor.missed', seq: '1' }] });
  });

  it('are not written for an empty log', async () => {
    expect(await log.seal()).toBe(0);
    expect(await log.verify()).toMatchObject({ intact: true, seals: 0, head: { seq: '0', hash: '0'.repeat(64) } });
  });
});
