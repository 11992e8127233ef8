import { Logger } from '@nestjs/common';
import { AuditLog, eventOf } from '../support/audit-log.js';

/** Longer than any column, with a character that PostgreSQL cannot store. */
const HOSTILE = `${'x'.repeat(600)}\u0000`;
const BAD = 'a\u0000b\r\n\u001b[31m\ud800"\\';

describe('the audit log', () => {
  let log: AuditLog;
  beforeAll(async () => (log = await AuditLog.open()));
  afterAll(() => log.close());

  const eventsOf = (subjectId: number) =>
    log.sql<Record<string, unknown>>(
      `SELECT e.*, d.address, d.user_agent, d.personal, d.salt FROM audit_events e
         LEFT JOIN audit_details d ON d.event_id = e.id AND d.occurred_at = e.occurred_at
        WHERE e.subject_id = $1 ORDER BY e.id`,
      [subjectId],
    );

  it('stores the actor, subject, action, time, origin and outcome of an event', async () => {
    const sessionId = '019ab0c0-0000-7000-8000-000000000001';
    await log.record({ subjectId: 20, sessionId, data: { device: true }, personal: { from: 'a@example.com' } });
    expect(await eventsOf(20)).toEqual([
      {
        id: expect.any(String),
        occurred_at: expect.any(Date),
        action: 'session.opened',
        outcome: 'success',
        actor_id: 7,
        subject_id: 20,
        session_id: sessionId,
        request_id: 'request-1',
        data: { device: true },
        details_digest: expect.any(Buffer),
        address: '203.0.113.7',
        user_agent: 'Firefox',
        personal: { from: 'a@example.com' },
        salt: expect.any(Buffer),
      },
    ]);
  });

  it('keeps no personal data of a failure whose account is deleted concurrently', async () => {
    const [account] = await log.sql<{ id: number }>(
      `INSERT INTO users (username, email, hashed_password) VALUES ('gone', 'gone@example.com', 'x') RETURNING id`,
    );
    const id = account?.id ?? 0;
    const failure = eventOf({ action: 'password.refused', outcome: 'failure', actorId: null, subjectId: id });
    await log.audit.recordStandalone(failure);
    let late: Promise<void> | undefined;
    await log.dataSource.transaction(async (tx) => {
      await tx.query('DELETE FROM users WHERE id = $1', [id]);
      await log.audit.erase(tx, id);
      late = log.audit.recordStandalone(failure);
      await new Promise((done) => setTimeout(done, 200));
    });
    await late;
    expect(await eventsOf(id)).toMatchObject([
      { action: 'password.refused', address: null, details_digest: expect.any(Buffer) },
      { action: 'audit.erased', data: { events: 1 } },
      { action: 'password.refused', address: null, user_agent: null, details_digest: null },
    ]);
    await log.seal();
    expect(await log.verify()).toMatchObject({ intact: true });
  });

  it('stores no details for the event of a job', async () => {
    await log.audit.recordStandalone({ action: 'session.ended', outcome: 'success', actorId: null, subjectId: 21 });
    expect(await eventsOf(21)).toMatchObject([{ request_id: null, details_digest: null, salt: null, data: {} }]);
  });

  it('truncates overlong strings and replaces characters that cannot be stored', async () => {
    await log.record({
      subjectId: 22,
      caller: { address: HOSTILE, userAgent: HOSTILE, requestId: HOSTILE },
      data: { text: HOSTILE, bad: BAD, [BAD]: 1, none: Number.NaN },
      personal: { text: HOSTILE, bad: BAD, nothing: null },
    });
    const clean = 'a b   [31m\ufffd"\\';
    expect(await eventsOf(22)).toMatchObject([
      {
        address: 'x'.repeat(64),
        user_agent: 'x'.repeat(512),
        request_id: 'x'.repeat(64),
        data: { text: 'x'.repeat(512), bad: clean, [clean]: 1, none: null },
        personal: { text: 'x'.repeat(512), bad: clean, nothing: null },
      },
    ]);
  });

  it('rolls an event back with its transaction', async () => {
    const undone = log.dataSource.transaction(async (tx) => {
      await log.audit.record(tx, eventOf({ subjectId: 23 }));
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await eventsOf(23)).toEqual([]);
  });

  it('rolls the change back when its event cannot be recorded', async () => {
    await log.sql('CREATE TABLE things (id int)');
    await log.sql('ALTER TABLE audit_events ADD CONSTRAINT nothing CHECK (subject_id <> 24) NOT VALID');
    const unrecorded = log.dataSource.transaction(async (tx) => {
      await tx.query('INSERT INTO things VALUES (1)');
      await log.audit.record(tx, eventOf({ subjectId: 24 }));
    });
    await expect(unrecorded).rejects.toThrow(/nothing/);
    expect(await log.sql('SELECT FROM things')).toEqual([]);
  });

  it('counts and logs a failure that cannot be recorded, without throwing', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    await log.audit.recordStandalone(eventOf({ subjectId: 24, action: 'login.failed', outcome: 'failure' }));
    const event = { action: 'login.failed', outcome: 'failure', subjectId: 24, requestId: 'request-1' };
    expect(logged.mock.calls).toEqual([[expect.objectContaining({ ...event, err: expect.any(Error) })]]);
    logged.mockRestore();
    const text = await log.metrics.registry.metrics();
    expect(text).toMatch(/^audit_write_failures_total 1$/m);
    expect(text).toMatch(/^audit_events_total\{action="login.failed",outcome="failure"\} 0$/m);
    expect(text).toMatch(/^audit_events_total\{action="session.opened",outcome="success"\} [1-9]/m);
  });

  it('takes the time of the event, not of the transaction', async () => {
    await log.dataSource.transaction(async (tx) => {
      for (const action of ['user.registered', 'session.opened'] as const) {
        await log.audit.record(tx, eventOf({ subjectId: 25, action }));
      }
    });
    const [first, second] = await eventsOf(25);
    expect(first?.action).toBe('user.registered');
    expect(Number(second?.occurred_at)).toBeGreaterThanOrEqual(Number(first?.occurred_at));
    expect(JSON.stringify(second?.occurred_at)).not.toBe(JSON.stringify(first?.occurred_at));
  });

  it.each([
    ['UPDATE audit_events SET subject_id = 8', 'UPDATE of audit_events'],
    ['DELETE FROM audit_events', 'DELETE of audit_events'],
    ['TRUNCATE audit_events', 'TRUNCATE of audit_events'],
    [`TRUNCATE audit_events_default`, 'TRUNCATE of audit_events_default'],
    ['UPDATE audit_seals SET month = now()', 'UPDATE of audit_seals'],
    ['DELETE FROM audit_seals', 'DELETE of audit_seals'],
    ['TRUNCATE audit_seals', 'TRUNCATE of audit_seals'],
    ["UPDATE audit_details SET address = '::1'", 'UPDATE of audit_details'],
    ['TRUNCATE audit_details', 'TRUNCATE of audit_details'],
    ['TRUNCATE audit_checkpoints', 'TRUNCATE of audit_checkpoints'],
  ])('is append-only: refuses %s', async (sql, what) => {
    await log.record();
    await log.seal();
    await expect(log.sql(sql)).rejects.toThrow(`the audit log is append-only: ${what}`);
  });

  it('is append-only: refuses to truncate a month', async () => {
    const months = await log.sql<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '^audit_(events|details)_\\d'`,
    );
    expect(months).toHaveLength(6);
    for (const { name } of months) await expect(log.sql(`TRUNCATE ${name}`)).rejects.toThrow('append-only');
  });
});
