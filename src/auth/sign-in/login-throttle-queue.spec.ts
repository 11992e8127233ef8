import { LoginThrottleQueue } from './login-throttle-queue.js';

const KEYS = ['account'];
const LONG = 60_000;

describe('LoginThrottleQueue', () => {
  let queue: LoginThrottleQueue;
  /** Each try has its own. */
  const anybody = () => new AbortController().signal;

  beforeEach(() => {
    queue = new LoginThrottleQueue();
  });

  const waiting = (count: number) => Array.from({ length: count }, () => queue.waitForSlot('account', anybody(), LONG));

  it('lets nobody wait where no try is under way', async () => {
    expect(await queue.waitForSlot('account', anybody(), LONG)).toBe(false);
    queue.start(['another']);
    expect(await queue.waitForSlot('account', anybody(), LONG)).toBe(false);
  });

  it('wakes one for a place that came back, and the next one once that one has taken its own', async () => {
    queue.start(KEYS);
    queue.start(KEYS);
    const [first, second] = waiting(2);
    queue.finish(KEYS, true);
    expect(await first).toBe(true);
    queue.start(KEYS);
    expect(await second).toBe(true);
    expect(queue.releases).toBe(1);
  });

  it('refuses all who wait when the last try kept its place', async () => {
    queue.start(KEYS);
    queue.start(KEYS);
    const all = Promise.all(waiting(3));
    queue.finish(KEYS, false);
    queue.finish(KEYS, false);
    expect(await all).toEqual([false, false, false]);
    expect([queue.hasAttempts('account'), queue.releases]).toEqual([false, 0]);
  });

  it('refuses all who wait when the one that was woken found no place after all', async () => {
    queue.start(KEYS);
    const [first, ...others] = waiting(3);
    queue.finish(KEYS, true);
    expect(await first).toBe(true);
    expect(await queue.waitForSlot('account', anybody(), LONG)).toBe(false);
    expect(await Promise.all(others)).toEqual([false, false]);
  });

  it('refuses who has waited long enough, and goes on with the others', async () => {
    queue.start(KEYS);
    const [impatient, patient] = [
      queue.waitForSlot('account', anybody(), 1),
      queue.waitForSlot('account', anybody(), LONG),
    ];
    expect(await impatient).toBe(false);
    expect(queue.hasAttempts('account')).toBe(true);
    queue.finish(KEYS, true);
    expect(await patient).toBe(true);
  });

  it('lets who has gone wait no longer', async () => {
    const gone = new AbortController();
    queue.start(KEYS);
    const [abandoned, other] = [
      queue.waitForSlot('account', gone.signal, LONG),
      queue.waitForSlot('account', anybody(), LONG),
    ];
    gone.abort();
    expect(await abandoned).toBe(false);
    expect(await queue.waitForSlot('account', gone.signal, LONG)).toBe(false);
    queue.finish(KEYS, true);
    expect(await other).toBe(true);
  });

  it('is of bounded length', async () => {
    queue.start(KEYS);
    const all = waiting(100);
    expect(await queue.waitForSlot('account', anybody(), LONG)).toBe(false);
    queue.finish(KEYS, false);
    await Promise.all(all);
  });
});
