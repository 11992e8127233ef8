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

  const waiting = (count: number) => Array.from({ length: count }, () => queue.wait('account', anybody(), LONG));

  it('lets nobody wait where no try is under way', async () => {
    expect(await queue.wait('account', anybody(), LONG)).toBe(false);
    queue.enter(['another']);
    expect(await queue.wait('account', anybody(), LONG)).toBe(false);
  });

  it('wakes one for a place that came back, and the next one once that one has taken its own', async () => {
    queue.enter(KEYS);
    queue.enter(KEYS);
    const [first, second] = waiting(2);
    queue.leave(KEYS, true);
    expect(await first).toBe(true);
    queue.enter(KEYS);
    expect(await second).toBe(true);
    expect(queue.freed).toBe(1);
  });

  it('refuses all who wait when the last try kept its place', async () => {
    queue.enter(KEYS);
    queue.enter(KEYS);
    const all = Promise.all(waiting(3));
    queue.leave(KEYS, false);
    queue.leave(KEYS, false);
    expect(await all).toEqual([false, false, false]);
    expect([queue.isBusy('account'), queue.freed]).toEqual([false, 0]);
  });

  it('refuses all who wait when the one that was woken found no place after all', async () => {
    queue.enter(KEYS);
    const [first, ...others] = waiting(3);
    queue.leave(KEYS, true);
    expect(await first).toBe(true);
    expect(await queue.wait('account', anybody(), LONG)).toBe(false);
    expect(await Promise.all(others)).toEqual([false, false]);
  });

  it('refuses who has waited long enough, and goes on with the others', async () => {
    queue.enter(KEYS);
    const [impatient, patient] = [queue.wait('account', anybody(), 1), queue.wait('account', anybody(), LONG)];
    expect(await impatient).toBe(false);
    expect(queue.isBusy('account')).toBe(true);
    queue.leave(KEYS, true);
    expect(await patient).toBe(true);
  });

  it('lets who has gone wait no longer', async () => {
    const gone = new AbortController();
    queue.enter(KEYS);
    const [abandoned, other] = [queue.wait('account', gone.signal, LONG), queue.wait('account', anybody(), LONG)];
    gone.abort();
    expect(await abandoned).toBe(false);
    expect(await queue.wait('account', gone.signal, LONG)).toBe(false);
    queue.leave(KEYS, true);
    expect(await other).toBe(true);
  });

  it('is of bounded length', async () => {
    queue.enter(KEYS);
    const all = waiting(100);
    expect(await queue.wait('account', anybody(), LONG)).toBe(false);
    queue.leave(KEYS, false);
    await Promise.all(all);
  });
});
