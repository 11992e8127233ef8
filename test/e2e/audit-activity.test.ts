import { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
import { AuditReader } from '../../src/audit/audit-reader.js';
import type { PageOrder } from '../../src/platform/pagination/page.js';
import { decodeCursor } from '../../src/platform/pagination/cursor.js';
import { AuditLog } from '../support/audit-log.js';

const FIRST: PageOrder = { list: 'activity', limit: 2, skip: 0, after: null, includeTotal: false };

describe('AuditReader.listFor', () => {
  let log: AuditLog;
  let reader: AuditReader;
  beforeAll(async () => {
    log = await AuditLog.open();
    reader = new AuditReader(log.dataSource);
  });
  afterAll(() => log.close());

  const nextPage = (cursor: string | null): PageOrder => ({
    ...FIRST,
    after: decodeCursor({ list: 'activity', idType: 'bigint' }, cursor ?? ''),
  });

  it('lists the events of the account, newest first, page by page', async () => {
    const ids = [await log.record(), await log.record(), await log.record({ actorId: null })];
    await log.record({ actorId: 7, subjectId: 8 });
    const first = await reader.listFor(7, { ...FIRST, includeTotal: true });
    expect([first.items.map(({ id }) => id), first.total]).toEqual([[ids[2], ids[1]], 3]);
    const newer = await log.record();
    const second = await reader.listFor(7, nextPage(first.nextCursor));
    expect([second.items.map(({ id }) => id), second.nextCursor, second.total]).toEqual([[ids[0]], null, undefined]);
    expect((await reader.listFor(7, FIRST)).items[0]).toEqual({
      id: newer,
      occurredAt: expect.any(Date),
      action: 'session.opened',
      outcome: 'success',
      address: '203.0.113.7',
      userAgent: 'Firefox',
      sessionId: null,
      data: {},
      personal: null,
    });
  });

  it('continues between events of the same microsecond', async () => {
    await log.sql(`INSERT INTO audit_events (occurred_at, action, outcome, subject_id, data)
      SELECT '2026-11-22 10:00:00.123456Z', 'login.failed', 'failure', 30, '{}' FROM generate_series(1, 5)`);
    const seen: string[] = [];
    for (let order: PageOrder | undefined = FIRST; order;) {
      const page: Awaited<ReturnType<AuditReader['listFor']>> = await reader.listFor(30, order);
      seen.push(...page.items.map(({ id }) => id));
      order = page.nextCursor === null ? undefined : nextPage(page.nextCursor);
    }
    expect([seen.length, new Set(seen).size]).toEqual([5, 5]);
  });

  it('gives no address and no user agent once they are erased', async () => {
    await log.record({ actorId: 31, subjectId: 31 });
    await log.audit.erase(log.dataSource.manager, 31);
    const { items } = await reader.listFor(31, FIRST);
    expect(items.map(({ action, address, userAgent }) => [action, address, userAgent])).toEqual([
      ['audit.erased', null, null],
      ['session.opened', null, null],
    ]);
  });

  it('reads only the rows of the page by index across a hundred monthly partitions', async () => {
    await log.sql(`SELECT audit_make_month((now() - n * interval '1 month')::date) FROM generate_series(1, 100) n`);
    await log.sql(`INSERT INTO audit_events (occurred_at, action, outcome, subject_id, data)
      SELECT now() - n * interval '1 hour', 'session.opened', 'success', 40 + n % 100, '{}'
        FROM generate_series(1, 50000) n`);
    await log.sql('ANALYZE audit_events');
    const queries = jest.spyOn(PostgresQueryRunner.prototype, 'query');
    const after = { at: new Date(Date.now() - 60 * 86_400_000).toISOString(), id: '5' };
    await reader.listFor(41, { ...FIRST, after, limit: 20 });
    const [sql = '', values] = queries.mock.calls[0] ?? [];
    queries.mockRestore();
    const rows = await log.sql<Record<string, string>>(
      `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ${sql}`,
      values as unknown[],
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).not.toMatch(/Seq Scan on audit_events|Bitmap/);
    const read = [...plan.matchAll(/Index.*Scan.* on audit_events_\S+ .*\(actual rows=([\d.]+)/g)];
    expect(read.length).toBeGreaterThan(20);
    // The merge reads one row of each partition to find the next one.
    expect(read.reduce((sum, [, count]) => sum + Number(count), 0)).toBeLessThan(21 + read.length);
  });
});
