import { LoginThrottleQueue } from './login-throttle-queue.js';

const KEYS = ['account'];
const LONG = 60_000;

describe('LoginThrottleQueue', () => {
  let queue: LoginThrottleQueue;
  /** A signal that never aborts. Each attempt has a separate one. */
  const neverAborts = () => new AbortController().signal;

  beforeEach(() => {
    queue = new LoginThrottleQueue();
  });

  const waiting = (count: number) =>
    Array.from({ length: count }, () => queue.waitForSlot('account', neverAborts(), LONG));

  it('does not wait if no attempt is running', async () => {
    expect(await queue.waitForSlot('account', neverAborts(), LONG)).toBe(false);
    queue.start(['another']);
    expect(await queue.waitForSlot('account', neverAborts(), LONG)).toBe(false);
  });

  it('wakes one attempt for a released slot, and the next one when that one has started', async () => {
    queue.start(KEYS);
    queue.start(KEYS);
    const [first, second] = waiting(2);
    queue.finish(KEYS, true);
    expect(await first).toBe(true);
    queue.start(KEYS);
    expect(await second).toBe(true);
    expect(queue.releases).toBe(1);
  });

  it('refuses all waiting attempts when the last running attempt keeps its slot', async () => {
    queue.start(KEYS);
    queue.start(KEYS);
    const all = Promise.all(waiting(3));
    queue.finish(KEYS, false);
    queue.finish(KEYS, false);
    expect(await all).toEqual([false, false, false]);
    expect([queue.hasAttempts('account'), queue.releases]).toEqual([false, 0]);
  });

  it('refuses all waiting attempts when the woken one finds no free slot', async () => {
    queue.start(KEYS);
    const [first, ...others] = waiting(3);
    queue.finish(KEYS, true);
    expect(await first).toBe(true);
    expect(await queue.waitForSlot('account', neverAborts(), LONG)).toBe(false);
    expect(await Promise.all(others)).toEqual([false, false]);
  });

  it('refuses an attempt after its timeout, and keeps the others waiting', async () => {
    queue.start(KEYS);
    const [short, long] = [
      queue.waitForSlot('account', neverAborts(), 1),
      queue.waitForSlot('account', neverAborts(), LONG),
    ];
    expect(await short).toBe(false);
    expect(queue.hasAttempts('account')).toBe(true);
    queue.finish(KEYS, true);
    expect(await long).toBe(true);
  });

  it('refuses an attempt whose signal aborts', async () => {
    const gone = new AbortController();
    queue.start(KEYS);
    const [abandoned, other] = [
      queue.waitForSlot('account', gone.signal, LONG),
      queue.waitForSlot('account', neverAborts(), LONG),
    ];
    gone.abort();
    expect(await abandoned).toBe(false);
    expect(await queue.waitForSlot('account', gone.signal, LONG)).toBe(false);
    queue.finish(KEYS, true);
    expect(await other).toBe(true);
  });

  it('has a maximum length', async () => {
    queue.start(KEYS);
    const all = waiting(100);
    expect(await queue.waitForSlot('account', neverAborts(), LONG)).toBe(false);
    queue.finish(KEYS, false);
    await Promise.all(all);
  });
});
