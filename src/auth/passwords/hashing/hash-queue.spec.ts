import { Logger } from '@nestjs/common';
import { callerFrom } from '../../../../test/support/callers.js';
import { deferred, HASH_MS, queueWith, settle } from '../../../../test/support/hash-queues.js';

describe('HashQueue', () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  beforeEach(() => {
    warn.mockClear();
    jest.useFakeTimers();
  });
  afterEach(() => jest.useRealTimers());

  it('runs one hash per thread and queues the others in order of arrival', async () => {
    const { ask, started, figure } = queueWith({ HASH_THREADS: 3 });
    const requests = ['a', 'b', 'c', 'd', 'e'].map((client) => ask(client));
    await settle();
    expect(started).toEqual(['a', 'b', 'c']);
    expect([await figure('auth_hash_running'), await figure('auth_hash_queue_length')]).toEqual([3, 2]);
    await requests[1]?.end();
    expect(started).toEqual(['a', 'b', 'c', 'd']);
    await requests[0]?.end();
    expect(started).toEqual(['a', 'b', 'c', 'd', 'e']);
    for (const request of requests) await request.end();
    expect(await Promise.all(requests.map(async ({ outcome }) => outcome))).toEqual(Array(5).fill('hashed'));
    expect([await figure('auth_hash_running'), await figure('auth_hash_queue_length')]).toEqual([0, 0]);
  });

  it('never runs more hashes than threads, even if requests arrive while a turn is handed over', async () => {
    const { ask, started } = queueWith();
    const first = ask('a');
    ask('b');
    await settle();
    void first.end();
    for (let tick = 0; tick < 10; tick++) await Promise.resolve().then(() => ask('c'));
    await settle();
    expect(started).toEqual(['a', 'b']);
  });

  it('hands over the turn of a failed hash, and frees the thread when the queue is empty', async () => {
    const { ask, started } = queueWith();
    const failing = ask('a');
    const next = ask('b');
    await failing.fail(new Error('no memory'));
    expect(await failing.outcome).toBe('Error: no memory');
    expect(started).toEqual(['a', 'b']);
    await next.end();
    ask('c');
    await settle();
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('refuses a request that would wait too long at once, with Retry-After', async () => {
    const { ask, started, figure } = queueWith();
    // One hash runs for 0.3 s. The last of five waits for 0.3 s + 4 * 0.3 s, a sixth for more than 80 % of 2 s.
    const requests = Array.from({ length: 7 }, (_, number) => ask(`client ${number}`));
    expect(await requests[6]?.outcome).toBe('503 after 1');
    expect(await figure('auth_hash_shed_total', { reason: 'full' })).toBe(1);
    expect(await figure('auth_hash_queue_length')).toBe(5);
    expect(started).toHaveLength(1);
  });

  it('scales the length of the queue with the number of threads', async () => {
    const { ask, figure } = queueWith({ HASH_THREADS: 4 });
    // Four hashes run for 0.3 s. The last of 18 waits for 0.3 s + 17 / 4 * 0.3 s.
    const requests = Array.from({ length: 4 + 19 }, (_, number) => ask(`client ${number}`));
    expect(await requests.at(-1)?.outcome).toBe('503 after 1');
    expect(await figure('auth_hash_queue_length')).toBe(18);
  });

  it('queues nothing if a single hash takes longer than HASH_WAIT_MS allows', async () => {
    const { ask } = queueWith({ HASH_WAIT_MS: HASH_MS });
    ask('a');
    expect(await ask('b').outcome).toBe('503 after 1');
  });

  it('estimates the wait from the measured duration of hashes', async () => {
    const { ask, figure } = queueWith();
    for (let count = 0; count < 20; count++) await ask('a').end(900);
    const requests = Array.from({ length: 3 }, (_, number) => ask(`client ${number}`));
    expect(await requests[2]?.outcome).toBe('503 after 1');
    expect(await figure('auth_hash_queue_length')).toBe(1);
  });

  it('subtracts the elapsed time of the running hash from the estimate', async () => {
    const { ask, figure } = queueWith({ HASH_WAIT_MS: 400 });
    for (const client of ['a', 'b']) ask(client);
    expect(await ask('c').outcome).toBe('503 after 1');
    await jest.advanceTimersByTimeAsync(290);
    ask('d');
    await settle();
    expect(await figure('auth_hash_queue_length')).toBe(2);
  });

  it('estimates the duration from BCRYPT_ROUNDS before the first hash', async () => {
    const { ask } = queueWith({ BCRYPT_ROUNDS: 14 });
    const requests = ['a', 'b', 'c'].map((client) => ask(client));
    expect(await requests[2]?.outcome).toBe('503 after 2');
  });

  it('refuses a request that has waited for HASH_WAIT_MS, regardless of the estimate', async () => {
    const { ask, started, figure } = queueWith();
    const [stuck, waiting] = [ask('a'), ask('b')];
    await jest.advanceTimersByTimeAsync(1999);
    expect(await figure('auth_hash_queue_length')).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(await waiting.outcome).toBe('503 after 1');
    expect(await figure('auth_hash_shed_total', { reason: 'waited' })).toBe(1);
    await stuck.end();
    expect(started).toEqual(['a']);
  });

  it('applies HASH_WAIT_MS to the wait, not to the running hash', async () => {
    const { ask, started } = queueWith();
    const [first, second] = [ask('a'), ask('b')];
    await jest.advanceTimersByTimeAsync(1500);
    await first.end();
    const third = ask('c');
    await jest.advanceTimersByTimeAsync(1000);
    await second.end();
    expect(started).toEqual(['a', 'b', 'c']);
    await third.end();
    expect(await third.outcome).toBe('hashed');
  });

  it('gives the slot of a client that disconnects to the next request', async () => {
    const { ask, started, figure } = queueWith();
    const [running, gone, waiting] = [ask('a'), ask('b'), ask('c')];
    await gone.gone();
    expect(await gone.outcome).toBe('499');
    expect(await figure('auth_hash_queue_length')).toBe(1);
    await running.end();
    expect(started).toEqual(['a', 'c']);
    expect(await figure('auth_hash_abandoned_total')).toBe(1);
    // A running hash is not cancelled: it completes, and requests behind it keep waiting.
    const last = ask('d');
    await waiting.gone();
    await waiting.end();
    expect(await waiting.outcome).toBe('hashed');
    expect(started).toEqual(['a', 'c', 'd']);
    await last.end();
  });

  it('hashes nothing for clients that disconnect before or after the request', async () => {
    const { ask, started, figure } = queueWith();
    ask('a');
    const requests = Array.from({ length: 200 }, () => ask('b'));
    await Promise.all(requests.map(async ({ gone }) => gone()));
    const closed = new AbortController();
    closed.abort();
    expect(await ask('c', 'c', closed).outcome).toBe('499');
    expect(started).toEqual(['a']);
    expect(await figure('auth_hash_queue_length')).toBe(0);
    expect(await figure('auth_hash_abandoned_total')).toBe(3 + 1);
  });

  it('logs a warning at most once per minute', async () => {
    const { expected, ask } = queueWith();
    for (let count = 0; count < 7; count++) ask('a');
    for (let count = 0; count < 9; count++) expect(await expected('a')).toBe('503 after 1');
    expect(warn).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(60_001);
    for (let count = 0; count < 9; count++) ask('a');
    await settle();
    expect(warn).toHaveBeenCalledTimes(2);
  });

  it('refuses a reservation exactly when the hash would be refused', async () => {
    const { ask, expected, figure } = queueWith();
    const work = jest.fn(async () => undefined);
    expect(await expected('a', work)).toBe('admitted');
    for (let count = 0; count < 7; count++) ask('a');
    await settle();
    const before = (await figure('auth_hash_shed_total', { reason: 'full' })) ?? 0;
    expect(await expected('a', work)).toBe('503 after 1');
    expect(await expected('b', work)).toBe('admitted');
    expect(work).toHaveBeenCalledTimes(2);
    expect(await figure('auth_hash_shed_total', { reason: 'full' })).toBe(before + 1);
  });

  it('keeps a reserved slot until the hash is requested or the work ends', async () => {
    const { queue, ask, expected, started } = queueWith();
    ask('a');
    const work = Array.from({ length: 5 }, () => deferred());
    const clients = work.map((_, number) => callerFrom(`client ${number}`));
    const admitted = clients.map(async (client, number) => queue.reserve(client, async () => work[number]?.promise));
    expect(await expected('late')).toBe('503 after 1');
    // One caller finishes without a hash.
    work[0]?.resolve();
    await admitted[0];
    expect(await expected('later')).toBe('admitted');
    // Another caller requests its hash: the reservation becomes the queue entry, not a second slot.
    const [, second] = clients;
    if (second) void queue.run(async () => new Promise<never>(() => undefined), second);
    await settle();
    expect(await expected('again')).toBe('admitted');
    expect(started).toEqual(['a']);
    for (const each of work) each.resolve();
    await Promise.all(admitted);
  });

  it('rethrows errors of the work', async () => {
    const { queue } = queueWith();
    const failing = queue.reserve(callerFrom('a'), async () => Promise.reject(new Error('no database')));
    await expect(failing).rejects.toThrow('no database');
  });
});
