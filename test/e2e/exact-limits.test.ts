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
    const resetSeconds = expect.any(Number) as number;
    expect(refused).toEqual({ admitted: false, full: [{ key: 'small', resetSeconds }], resetSeconds });
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
    await limits.giveBack([{ id: '', budget: budget('a'), window: row?.expires_at ?? '' }], caller);
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

  describe('a budget with shares', () => {
    const shared = (shares: Record<string, number>, most = 5): Budget => ({
      ...budget('a', most),
      shares,
      hidden: true,
    });
    const take = async (shares: Record<string, number>, most?: number) =>
      limits.take([shared(shares, most), budget('b', 50)], caller);

    it('is full if one of the shares is, or the whole budget', async () => {
      for (const _ of [1, 2]) placesOf(await take({ mine: 2 }));
      expect(await take({ mine: 2 })).toMatchObject({ admitted: false, full: [{ key: 'a' }] });
      expect(await take({ theirs: 2, mine: 2 })).toMatchObject({ admitted: false, full: [{ key: 'a' }] });
      placesOf(await take({ mine: 3, theirs: 2 }));
      placesOf(await take({ theirs: 2 }));
      expect(await take({ others: 9 }, 4)).toMatchObject({ admitted: false, full: [{ key: 'a' }] });
      expect(await points()).toEqual({ a: 4, b: 4 });
    });

    it('is not shown to the caller', async () => {
      await take({ mine: 1 });
      expect(notedLimit(caller)).toEqual({ limit: 50, remaining: 49, resetSeconds: 60 });
      await take({ mine: 1 });
      expect(notedLimit(caller)?.limit).toBe(50);
    });

    it('gives back one place, or all places of a share and no others, each once', async () => {
      const mine = placesOf(await take({ mine: 5, all: 5 }));
      const mineToo = placesOf(await take({ mine: 5 }));
      placesOf(await take({ theirs: 5, all: 5 }));
      await limits.giveBack(mine, caller, ['mine']);
      expect(await points()).toEqual({ a: 1, b: 2 });
      placesOf(await take({ mine: 5 }));
      // It was given back with the others; the place taken since belongs to another try.
      await limits.giveBack(mineToo, caller);
      expect(await points()).toEqual({ a: 2, b: 2 });
    });

    it('forgets its shares with the window, and when it is cleared', async () => {
      for (const end of [async () => endWindow('a'), async () => limits.clear('a')]) {
        placesOf(await take({ mine: 1 }));
        expect((await take({ mine: 1 })).admitted).toBe(false);
        await end();
      }
      placesOf(await take({ mine: 1 }));
    });

    it('never exceeds a share when many take and give back at once', async () => {
      let inside = 0;
      let most = 0;
      const visit = async (index: number): Promise<void> => {
        const share = `share ${index % 2}`;
        const verdict = await take({ [share]: 3, all: 4 }, 10);
        if (!verdict.admitted) return;
        most = Math.max(most, (inside += 1));
        await Promise.resolve();
        inside -= 1;
        await limits.giveBack(verdict.places, caller, index % 3 ? [] : [share]);
      };
      for (let round = 0; round < 10; round += 1) {
        await Promise.all(Array.from({ length: 30 }, (_, index) => visit(index)));
        expect(await app.sql(`SELECT points, places FROM rate_limits WHERE key = 'a'`)).toEqual([
          { points: 0, places: {} },
        ]);
      }
      expect(most).toBeLessThanOrEqual(10);
    });
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
    expect(await verdict).toMatchObject({ admitted: false, full: [{ key: 'b' }] });
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
