import { callerFrom } from '../support/callers.js';
import pg from 'pg';
import type { Caller } from '../../src/platform/http/caller.js';
import { type Budget, ExactLimits, type Verdict } from '../../src/platform/rate-limit/exact-limits.js';
import { notedLimit } from '../../src/platform/rate-limit/limit-state.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

describe('ExactLimits', () => {
  let app: TestApp;
  let limits: ExactLimits;
  let caller: Caller;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { RATE_LIMIT: 'on' } });
    limits = app.nest.get(ExactLimits);
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    caller = callerFrom('192.0.2.1');
    await app.sql('DELETE FROM rate_limits');
  });

  const budget = (key: string, most = 2): Budget => ({ key, most, windowSeconds: 60 });
  const placesOf = (verdict: Verdict) => {
    if (!verdict.admitted) throw new Error('was refused');
    return verdict.places;
  };
  const points = async (): Promise<Record<string, number>> => {
    const rows = await app.sql<{ key: string; points: number }>('SELECT key, points FROM rate_limits');
    return Object.fromEntries(rows.map(({ key, points }) => [key, points]));
  };
  const endWindow = (key: string) =>
    app.sql(`UPDATE rate_limits SET expires_at = now() - interval '1 second' WHERE key = $1`, [key]);

  it('takes a place of every budget or of none, and tells which is full and for how long', async () => {
    const roomy = budget('roomy', 10);
    for (const _ of [1, 2]) placesOf(await limits.take([budget('small'), roomy], caller));
    expect(notedLimit(caller)).toEqual({ limit: 2, remaining: 0, resetSeconds: 60 });
    const refused = await limits.take([roomy, budget('small')], caller);
    expect(refused).toEqual({ admitted: false, fullKeys: ['small'], resetSeconds: expect.any(Number) as number });
    expect(await points()).toEqual({ roomy: 2, small: 2 });
  });

  it('is refused at once by a limit that was lowered', async () => {
    for (const _ of [1, 2, 3]) await limits.take([budget('a', 10)], caller);
    expect((await limits.take([budget('a', 2)], caller)).admitted).toBe(false);
    expect(notedLimit(caller)?.remaining).toBe(0);
  });

  it('begins a window with the first place of it, and ends it by the clock of the database', async () => {
    await limits.take([budget('a')], caller);
    const end = async () => (await app.sql('SELECT expires_at FROM rate_limits'))[0];
    const first = await end();
    await limits.take([budget('a')], caller);
    expect(await end()).toEqual(first);
    await endWindow('a');
    placesOf(await limits.take([budget('a')], caller));
    expect(await points()).toEqual({ a: 1 });
    expect(await end()).not.toEqual(first);
  });

  it('begins a window anew when every place of it came back', async () => {
    await limits.take([budget('a')], caller);
    await app.sql(`UPDATE rate_limits SET expires_at = now() + interval '1 second'`);
    const [row] = await app.sql<{ expires_at: string }>('SELECT expires_at::text FROM rate_limits');
    await limits.giveBack([{ budget: budget('a'), window: row?.expires_at ?? '' }], caller);
    await limits.take([budget('a')], caller);
    expect(notedLimit(caller)).toEqual({ limit: 2, remaining: 1, resetSeconds: 60 });
  });

  it('gives a place back to the window that it is of, and to no later one', async () => {
    const places = placesOf(await limits.take([budget('a')], caller));
    await endWindow('a');
    placesOf(await limits.take([budget('a')], caller));
    await limits.giveBack(places, caller);
    expect(await points()).toEqual({ a: 1 });
  });

  it('clears the keys that it is told to, and takes one place from the others', async () => {
    for (const _ of [1, 2]) await limits.take([budget('a', 5), budget('b', 5)], caller);
    const places = placesOf(await limits.take([budget('a', 5), budget('b', 5)], caller));
    await limits.giveBack(places, caller, ['a']);
    expect(await points()).toEqual({ a: 0, b: 2 });
    expect(notedLimit(caller)).toMatchObject({ limit: 5, remaining: 3 });
    await limits.giveBack(places, caller);
    expect(await points()).toEqual({ a: 0, b: 1 });
  });

  it('keeps nothing of one budget when the last place of another is taken in the same moment', async () => {
    await limits.take([budget('b')], caller);
    const rival = new pg.Client(app.database);
    await rival.connect();
    await rival.query(`BEGIN; UPDATE rate_limits SET points = 2 WHERE key = 'b'`);
    const verdict = limits.take([budget('a'), budget('b')], caller);
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await app.sql(waiting)).length === 1);
    await rival.query('COMMIT');
    await rival.end();
    expect(await verdict).toMatchObject({ admitted: false, fullKeys: ['b'] });
    expect(await points()).toEqual({ a: 0, b: 2 });
    expect(notedLimit(caller)?.remaining).toBe(0);
  });

  it('neither exceeds a budget nor runs into a deadlock when many take and give back the same places at once', async () => {
    const [first, second] = [budget('a', 5), budget('b', 5)];
    let most = 0;
    let inside = 0;
    const visit = async (index: number): Promise<void> => {
      const verdict = await limits.take(index % 2 ? [first, second] : [second, first], caller);
      if (!verdict.admitted) return;
      most = Math.max(most, (inside += 1));
      await Promise.resolve();
      inside -= 1;
      await limits.giveBack(index % 3 ? verdict.places : verdict.places.toReversed(), caller);
    };
    for (let round = 0; round < 10; round += 1)
      await Promise.all(Array.from({ length: 30 }, (_, index) => visit(index)));
    expect(most).toBeLessThanOrEqual(5);
    expect(await points()).toEqual({ a: 0, b: 0 });
    expect(await app.sql('SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()')).toEqual([
      { deadlocks: 0 },
    ]);
  });

  it('deletes the windows that are over, however many, and no others', async () => {
    await app.sql(
      `INSERT INTO rate_limits SELECT 'over ' || n, 1, now() - n * interval '1 ms' FROM generate_series(1, 2500) n`,
    );
    await limits.take([budget('current')], caller);
    await Promise.all([limits.purge(), limits.purge()]);
    expect(await points()).toEqual({ current: 1 });
  });
});
