import { MemoryCounters } from './memory-counters.js';
import { WINDOW_MS } from './request-counters.js';

describe('MemoryCounters', () => {
  let now: number;
  const counters = (limit = 3, generation?: number) => new MemoryCounters(limit, generation);

  beforeEach(() => {
    now = 1000;
  });

  it('counts each client separately, from its first request', () => {
    const counted = counters();
    expect(counted.consume('a', now)).toEqual({ limit: 3, used: 1, resetsAt: 1000 + WINDOW_MS });
    now += 10;
    expect(counted.consume('a', now)).toEqual({ limit: 3, used: 2, resetsAt: 1000 + WINDOW_MS });
    expect(counted.consume('b', now)).toEqual({ limit: 3, used: 1, resetsAt: 1010 + WINDOW_MS });
  });

  it('counts beyond the limit, and starts again at the end of the window', () => {
    const counted = counters(1);
    for (let request = 0; request < 5; request += 1) counted.consume('a', now);
    expect(counted.consume('a', now).used).toBe(6);
    now += WINDOW_MS - 1;
    expect(counted.consume('a', now).used).toBe(7);
    now += 1;
    expect(counted.consume('a', now)).toEqual({ limit: 1, used: 1, resetsAt: now + WINDOW_MS });
  });

  it('keeps a window that began just before the generations rotated', () => {
    const counted = counters();
    now += WINDOW_MS - 1;
    counted.consume('a', now);
    now += 1;
    counted.consume('b', now);
    expect(counted.consume('a', now).used).toBe(2);
  });

  it('starts a new window for a client that was over the limit when the generations rotated', () => {
    const counted = counters(1);
    for (const client of ['a', 'a', 'a']) counted.consume(client, now);
    now += WINDOW_MS;
    counted.consume('b', now);
    expect(counted.consume('a', now)).toEqual({ limit: 1, used: 1, resetsAt: now + WINDOW_MS });
  });

  it('forgets clients without a request for two windows', () => {
    const counted = counters();
    for (const client of ['a', 'b', 'c']) counted.consume(client, now);
    for (let window = 0; window < 2; window += 1) {
      now += WINDOW_MS;
      counted.consume('d', now);
    }
    expect(counted.tracked).toBe(2);
  });

  it('keeps busy clients, and at most two generations, during a flood from new addresses', () => {
    const counted = counters(1_000_000, 100);
    for (let client = 0; client < 10_000; client += 1) {
      counted.consume(`2001:db8:${client}::/64`, now);
      if (client % 50 === 0) counted.consume('busy', now);
    }
    expect(counted.tracked).toBeLessThanOrEqual(200);
    expect(counted.consume('busy', now).used).toBe(201);
  });

  it('is empty once it is closed', () => {
    const counted = counters();
    counted.consume('a', now);
    counted.close();
    expect(counted.tracked).toBe(0);
  });
});
