import pg from 'pg';
import type { Budget } from '../../src/platform/rate-limit/budgets.js';
import { type ReservationOutcome, RateLimitStore } from '../../src/platform/rate-limit/rate-limit-store.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

describe('RateLimitStore', () => {
  let app: TestApp;
  let store: RateLimitStore;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { RATE_LIMIT: 'on' } });
    store = app.nest.get(RateLimitStore);
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    await app.sql('DELETE FROM rate_limits');
  });

  const budget = (key: string, most = 2): Budget => ({ key, most, windowSeconds: 60 });
  const placesOf = ({ slots, full }: ReservationOutcome) => {
    if (full.length > 0) throw new Error('was refused');
    return slots;
  };
  const points = async (): Promise<Record<string, number>> => {
    const rows = await app.sql<{ key: string; points: number }>('SELECT key, points FROM rate_limits');
    return Object.fromEntries(rows.map(({ key, points }) => [key, points]));
  };
  const endWindow = (key: string) =>
    app.sql(`UPDATE rate_limits SET expires_at = now() - interval '1 second' WHERE key = $1`, [key]);

  it('reserves in all budgets or none, and reports which is full and for how long', async () => {
    const roomy = budget('roomy', 10);
    placesOf(await store.reserve([budget('small'), roomy]));
    const last = await store.reserve([budget('small'), roomy]);
    expect(last.state).toEqual({ limit: 2, remaining: 0, resetSeconds: 60 });
    const refused = await store.reserve([roomy, budget('small')]);
    const resetSeconds = expect.any(Number) as number;
    expect(refused).toEqual({
      slots: [],
      full: [{ budget: budget('small'), resetSeconds }],
      state: { limit: 2, remaining: 0, resetSeconds },
    });
    expect(await points()).toEqual({ roomy: 2, small: 2 });
  });

  it('applies a lowered limit immediately', async () => {
    for (const _ of [1, 2, 3]) await store.reserve([budget('a', 10)]);
    const refused = await store.reserve([budget('a', 2)]);
    expect([refused.full.length, refused.state?.remaining]).toEqual([1, 0]);
  });

  it('starts a window with its first reservation and ends it by the clock of the database', async () => {
    await store.reserve([budget('a')]);
    const end = async () => (await app.sql('SELECT expires_at FROM rate_limits'))[0];
    const first = await end();
    await store.reserve([budget('a')]);
    expect(await end()).toEqual(first);
    await endWindow('a');
    placesOf(await store.reserve([budget('a')]));
    expect(await points()).toEqual({ a: 1 });
    expect(await end()).not.toEqual(first);
  });

  it('starts another window once all reservations of the last one are released', async () => {
    await store.reserve([budget('a')]);
    await app.sql(`UPDATE rate_limits SET expires_at = now() + interval '1 second'`);
    const [row] = await app.sql<{ expires_at: string }>('SELECT expires_at::text FROM rate_limits');
    await store.release([{ id: '', budget: budget('a'), window: row?.expires_at ?? '' }]);
    const { state } = await store.reserve([budget('a')]);
    expect(state).toEqual({ limit: 2, remaining: 1, resetSeconds: 60 });
  });

  it('releases a reservation only in its own window', async () => {
    const places = placesOf(await store.reserve([budget('a')]));
    await endWindow('a');
    placesOf(await store.reserve([budget('a')]));
    await store.release(places);
    expect(await points()).toEqual({ a: 1 });
  });

  describe('a budget with shares', () => {
    const shared = (shares: Record<string, number>, most = 5): Budget => ({
      ...budget('a', most),
      shares,
      hidden: true,
    });
    const reserve = async (shares: Record<string, number>, most?: number) =>
      store.reserve([shared(shares, most), budget('b', 50)]);

    it('is full if one of its shares or the whole budget is full', async () => {
      for (const _ of [1, 2]) placesOf(await reserve({ mine: 2 }));
      expect(await reserve({ mine: 2 })).toMatchObject({ slots: [], full: [{ budget: { key: 'a' } }] });
      expect(await reserve({ theirs: 2, mine: 2 })).toMatchObject({ slots: [], full: [{ budget: { key: 'a' } }] });
      placesOf(await reserve({ mine: 3, theirs: 2 }));
      placesOf(await reserve({ theirs: 2 }));
      expect(await reserve({ others: 9 }, 4)).toMatchObject({ slots: [], full: [{ budget: { key: 'a' } }] });
      expect(await points()).toEqual({ a: 4, b: 4 });
    });

    it('is hidden, so that the state is that of the other budget', async () => {
      expect((await reserve({ mine: 1 })).state).toEqual({ limit: 50, remaining: 49, resetSeconds: 60 });
      expect((await reserve({ mine: 1 })).state?.limit).toBe(50);
    });

    it('releases one reservation or all of a share, each once', async () => {
      const mine = placesOf(await reserve({ mine: 5, all: 5 }));
      const mineToo = placesOf(await reserve({ mine: 5 }));
      placesOf(await reserve({ theirs: 5, all: 5 }));
      await store.release(mine, ['mine']);
      expect(await points()).toEqual({ a: 1, b: 2 });
      placesOf(await reserve({ mine: 5 }));
      // It was already released with its share. The newer reservation belongs to another attempt.
      await store.release(mineToo);
      expect(await points()).toEqual({ a: 2, b: 2 });
    });

    it('resets its shares with the window and when all reservations are released', async () => {
      for (const end of [async () => endWindow('a'), async () => store.releaseAll(['a'])]) {
        placesOf(await reserve({ mine: 1 }));
        expect((await reserve({ mine: 1 })).slots).toEqual([]);
        await end();
      }
      placesOf(await reserve({ mine: 1 }));
    });

    it('does not exceed its limit under concurrent reservations and releases', async () => {
      let inside = 0;
      let most = 0;
      const visit = async (index: number): Promise<void> => {
        const share = `share ${index % 2}`;
        const outcome = await reserve({ [share]: 3, all: 4 }, 10);
        if (outcome.full.length > 0) return;
        most = Math.max(most, (inside += 1));
        await Promise.resolve();
        inside -= 1;
        await store.release(outcome.slots, index % 3 ? [] : [share]);
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

  it('reserves nothing in one budget if another fills up concurrently', async () => {
    await store.reserve([budget('b')]);
    const rival = new pg.Client(app.database);
    await rival.connect();
    await rival.query(`BEGIN; UPDATE rate_limits SET points = 2 WHERE key = 'b'`);
    const outcome = store.reserve([budget('a'), budget('b')]);
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await app.sql(waiting)).length === 1);
    await rival.query('COMMIT');
    await rival.end();
    expect(await outcome).toMatchObject({ slots: [], full: [{ budget: { key: 'b' } }], state: { remaining: 0 } });
    expect(await points()).toEqual({ a: 0, b: 2 });
  });

  it('neither exceeds a budget nor deadlocks under concurrent reservations and releases', async () => {
    const [first, second] = [budget('a', 5), budget('b', 5)];
    let most = 0;
    let inside = 0;
    const visit = async (index: number): Promise<void> => {
      const outcome = await store.reserve(index % 2 ? [first, second] : [second, first]);
      if (outcome.full.length > 0) return;
      most = Math.max(most, (inside += 1));
      await Promise.resolve();
      inside -= 1;
      await store.release(index % 3 ? outcome.slots : outcome.slots.toReversed());
    };
    for (let round = 0; round < 10; round += 1)
      await Promise.all(Array.from({ length: 30 }, (_, index) => visit(index)));
    expect(most).toBeLessThanOrEqual(5);
    expect(await points()).toEqual({ a: 0, b: 0 });
    expect(await app.sql('SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()')).toEqual([
      { deadlocks: 0 },
    ]);
  });

  it('deletes only expired windows', async () => {
    await app.sql(
      `INSERT INTO rate_limits SELECT 'over ' || n, 1, now() - n * interval '1 ms' FROM generate_series(1, 2500) n`,
    );
    await store.reserve([budget('current')]);
    await Promise.all([store.purge(), store.purge()]);
    expect(await points()).toEqual({ current: 1 });
  });
});
