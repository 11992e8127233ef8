import { AuditLog } from '../support/audit-log.js';

/** A change to a log of events 1 to 6, of accounts 1 to 6, in three seals of two events. */
type Tampering = [what: string, sql: string, findings: object[]];

const changed = (eventId: string, seq: string) => ({ kind: 'event.changed', seq, eventId });
const RESEAL = (seq: number) => `UPDATE audit_seals SET hash = sha256('other') WHERE seq = ${seq}`;

const TAMPERINGS: Tampering[] = [
  ['an event is changed', 'UPDATE audit_events SET subject_id = 9 WHERE id = 3', [changed('3', '2')]],
  [
    'the outcome of an event is changed',
    "UPDATE audit_events SET outcome = 'failure' WHERE id = 1",
    [changed('1', '1')],
  ],
  [
    'the data of an event is changed',
    `UPDATE audit_events SET data = '{"reason": "x"}' WHERE id = 6`,
    [changed('6', '3')],
  ],
  [
    'the time of an event is changed',
    "UPDATE audit_events SET occurred_at = occurred_at + interval '1 microsecond' WHERE id = 2",
    [changed('2', '1'), { kind: 'details.missing', seq: '1', eventId: '2' }],
  ],
  [
    'the details digest of an event is removed',
    'UPDATE audit_events SET details_digest = NULL WHERE id = 4',
    [changed('4', '2'), { kind: 'details.changed', seq: '2', eventId: '4' }],
  ],
  [
    'an event is deleted',
    'DELETE FROM audit_events WHERE id = 3',
    [{ kind: 'event.missing', seq: '2', eventId: '3', message: 'event 3 of seal 2 is missing' }],
  ],
  [
    'two events are swapped',
    'UPDATE audit_events SET id = CASE id WHEN 2 THEN 5 ELSE 2 END WHERE id IN (2, 5)',
    [
      changed('2', '1'),
      { kind: 'details.missing', eventId: '2' },
      changed('5', '3'),
      { kind: 'details.missing', eventId: '5' },
    ],
  ],
  [
    'an event is inserted in the past',
    `INSERT INTO audit_events (id, occurred_at, action, outcome, data)
     VALUES (1000, now() - interval '1 day', 'user.deleted', 'success', '{}')`,
    [{ kind: 'event.unknown', eventId: '1000' }],
  ],
  [
    'an event is inserted with the id of another, in another month',
    `INSERT INTO audit_events (id, occurred_at, action, outcome, subject_id, data)
     VALUES (3, now() + interval '5 years', 'audit.erased', 'success', 5, '{}'); DELETE FROM audit_details WHERE event_id = 5`,
    [{ kind: 'event.unknown', eventId: '3' }],
  ],
  [
    'an event is inserted with the id of another, in the same month',
    `INSERT INTO audit_events (id, occurred_at, action, outcome, data)
     SELECT 3, occurred_at - interval '1 microsecond', 'user.deleted', 'success', '{}' FROM audit_events WHERE id = 3`,
    [{ kind: 'event.unknown', eventId: '3' }],
  ],
  [
    'an event is inserted with a seal before the chain',
    `INSERT INTO audit_events (id, action, outcome, data) VALUES (1000, 'user.deleted', 'success', '{}');
     INSERT INTO audit_seals (seq, month, events, event_ids, digests, previous_hash, hash, sealed_at)
     VALUES (0, '2026-01-01', 1, '{1000}', '', '', '', now())`,
    [
      { kind: 'seal.unlinked', seq: '0', message: 'seal 0 precedes the start of the chain' },
      { kind: 'event.unknown', eventId: '1000' },
    ],
  ],
  [
    'details are moved to another account, to escape their erasure',
    'UPDATE audit_details SET subject_id = 9, actor_id = NULL WHERE event_id = 5',
    [{ kind: 'details.changed', seq: '3', eventId: '5' }],
  ],
  [
    'the number of events of a seal is changed',
    'UPDATE audit_seals SET events = 1 WHERE seq = 2',
    [{ kind: 'seal.changed', seq: '2' }],
  ],
  [
    'details are deleted without a record',
    'DELETE FROM audit_details WHERE event_id = 3',
    [{ kind: 'details.missing', seq: '2', eventId: '3' }],
  ],
  [
    'details are changed',
    "UPDATE audit_details SET address = '192.0.2.1' WHERE event_id = 5",
    [{ kind: 'details.changed', seq: '3', eventId: '5' }],
  ],
  [
    'the salt of details is changed',
    "UPDATE audit_details SET salt = 'x' WHERE event_id = 5",
    [{ kind: 'details.changed', seq: '3', eventId: '5' }],
  ],
  [
    'a seal is deleted',
    'DELETE FROM audit_seals WHERE seq = 2',
    [
      { kind: 'seal.missing', seq: '2', message: 'seal 2 is missing before seal 3' },
      { kind: 'event.unknown', eventId: '3' },
      { kind: 'event.unknown', eventId: '4' },
    ],
  ],
  [
    'the first seals are deleted',
    'DELETE FROM audit_seals WHERE seq < 3',
    [
      { kind: 'seal.missing', seq: '1', message: 'seals 1 to 2 are missing before seal 3' },
      ...['1', '2', '3', '4'].map((eventId) => ({ kind: 'event.unknown', eventId })),
    ],
  ],
  [
    'a seal is changed',
    "UPDATE audit_seals SET sealed_at = sealed_at - interval '1 day' WHERE seq = 2",
    [{ kind: 'seal.changed', seq: '2' }],
  ],
  [
    'a seal is replaced',
    RESEAL(2),
    [
      { kind: 'seal.changed', seq: '2' },
      { kind: 'seal.unlinked', seq: '3', message: 'seal 3 does not follow seal 2: its previous hash differs' },
    ],
  ],
  [
    'an event is removed from its seal',
    `UPDATE audit_seals SET event_ids = event_ids[1:1], events = 1,
     digests = substr(digests, 1, 32) WHERE seq = 3`,
    [
      { kind: 'seal.changed', seq: '3' },
      { kind: 'event.unknown', eventId: '6' },
    ],
  ],
];

describe('audit:verify detects that', () => {
  let log: AuditLog;
  beforeEach(async () => {
    log = await AuditLog.open();
    for (let id = 1; id <= 6; id += 1) {
      await log.record({ subjectId: id, actorId: id });
      if (id % 2 === 0) await log.seal();
    }
  });
  afterEach(() => log.close());

  it.each(TAMPERINGS)('%s', async (_what, sql, findings) => {
    expect(await log.verify()).toMatchObject({ intact: true, seals: 3, events: 6 });
    await log.tamper(sql);
    const { intact, findings: found } = await log.verify();
    expect(found).toMatchObject(findings);
    expect([intact, found.length]).toEqual([false, findings.length]);
  });

  it('an event is deleted before it is sealed', async () => {
    const id = await log.record();
    const next = await log.record();
    await log.tamper(`DELETE FROM audit_events WHERE id = ${id}`);
    expect((await log.verify()).findings).toMatchObject([{ kind: 'event.lost', eventId: id }]);
    // The other event is still sealed, and the loss is still reported.
    expect(await log.seal()).toBe(1);
    expect(await log.sql('SELECT event_ids AS ids FROM audit_seals WHERE seq = 4')).toEqual([{ ids: [next] }]);
    expect((await log.verify()).findings).toMatchObject([{ kind: 'event.lost', eventId: id }]);
  });

  it('details are deleted under an earlier erasure record', async () => {
    await log.audit.recordStandalone({ action: 'audit.erased', outcome: 'success', actorId: null, subjectId: 9 });
    await log.record({ subjectId: 9, actorId: 9 });
    await log.seal();
    await log.sql('DELETE FROM audit_details WHERE subject_id = 9');
    expect((await log.verify()).findings).toMatchObject([{ kind: 'details.missing', seq: '4' }]);
  });

  it('the end of the chain is cut off, given a recorded head', async () => {
    const { head } = await log.verify();
    await log.tamper(
      'DELETE FROM audit_details WHERE event_id > 4; DELETE FROM audit_events WHERE id > 4; DELETE FROM audit_seals WHERE seq = 3',
    );
    expect(await log.verify()).toMatchObject({ intact: true, seals: 2 });
    expect((await log.verify(head)).findings).toMatchObject([{ kind: 'anchor.missed', seq: '3' }]);
  });

  it('nothing is wrong with an empty log, given its own head', async () => {
    const empty = await AuditLog.open();
    const { head } = await empty.verify();
    expect(await empty.verify(head)).toMatchObject({ intact: true, head: { seq: '0' } });
    await empty.close();
  });

  it('a checkpoint is forged', async () => {
    await log.tamper(`DELETE FROM audit_events WHERE id <= 2; DELETE FROM audit_details WHERE event_id <= 2;
      INSERT INTO audit_checkpoints (dropped_before, dropped_events, last_seq, last_hash)
      SELECT '2026-01-01', 2, seq, hash FROM audit_seals WHERE seq = 1; DELETE FROM audit_seals WHERE seq = 1`);
    expect((await log.verify()).findings).toMatchObject([{ kind: 'checkpoint.unknown' }]);
  });

  describe('after months are dropped,', () => {
    const checkpoint = (before: string, seq = '0', hash = "decode(repeat('00', 32), 'hex')"): string => `
      INSERT INTO audit_checkpoints (dropped_before, dropped_events, last_seq, last_hash)
      VALUES ('${before}', 5, ${seq}, ${hash})`;
    const dropped = async (before: string): Promise<void> => {
      const data = { before, events: 5, lastSeq: '0', lastHash: '00'.repeat(32) };
      await log.sql(checkpoint(before));
      await log.record({ action: 'audit.months_dropped', actorId: null, subjectId: null, data });
      await log.seal();
    };

    it('a later checkpoint is forged from the existing one', async () => {
      await dropped('2020-01-01');
      expect(await log.verify()).toMatchObject({ intact: true, events: 7 });
      await log.tamper(`${checkpoint('2999-01-01')}; UPDATE audit_events SET subject_id = 9`);
      const { findings } = await log.verify();
      expect(findings.map(({ kind }) => kind)).toEqual(['checkpoint.unknown', 'checkpoint.unknown']);
    });

    it.each([
      ['seal', '3', undefined],
      ['hash', '0', "sha256('other')"],
    ])('a checkpoint is forged with another %s', async (_what, seq, hash) => {
      await dropped('2020-01-01');
      await log.tamper(checkpoint('2020-01-01', seq, hash));
      const { findings } = await log.verify();
      expect(findings).toContainEqual(expect.objectContaining({ kind: 'checkpoint.unknown' }) as object);
    });

    it('a recorded checkpoint is false because older events still exist', async () => {
      await dropped('2999-01-01');
      const { findings } = await log.verify();
      expect(findings).toMatchObject([{ kind: 'checkpoint.unknown' }]);
      expect(findings[0]?.message).toMatch(/events before 2999-01-01 exist/);
    });

    it('a head from before the checkpoint can no longer be compared', async () => {
      await log.sql(checkpoint('2020-01-01', '3'));
      const { findings } = await log.verify({ seq: '1', hash: 'ab'.repeat(32) });
      expect(findings.at(-1)?.message).toMatch(/and starts after 3: use a newer head/);
    });
  });

  it('more than twenty events are changed, of which it lists twenty', async () => {
    for (let count = 0; count < 30; count += 1) await log.record();
    await log.seal();
    await log.tamper("UPDATE audit_events SET action = 'x'");
    expect((await log.verify()).findings).toHaveLength(20);
  });
});
