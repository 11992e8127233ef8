import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';
import { Piscina } from 'piscina';
import { until } from '../../../../test/support/until.js';
import { Metrics } from '../../../platform/metrics/metrics.js';
import type { Environment } from '../../../settings/environment.js';
import { HashMetrics } from './hash-metrics.js';
import { hashThreadCount, HashThreadPool } from './hash-thread-pool.js';

/** A cost that takes long enough to observe the hash while it runs. */
const SLOW = 12;
const LIBUV_THREADS = 4;
const HASH_THREAD = new URL('./hash-thread.mjs', import.meta.url).href;
const SETTINGS = { HASH_THREADS: LIBUV_THREADS, WORKERS: 1 } as Environment;

describe('hashThreadCount', () => {
  it('divides the cores among the processes, at least one thread each', () => {
    const cores = availableParallelism();
    expect(hashThreadCount({ HASH_THREADS: 0 }, { WORKERS: 1 })).toBe(cores);
    expect(hashThreadCount({ HASH_THREADS: 0 }, { WORKERS: cores })).toBe(1);
    expect(hashThreadCount({ HASH_THREADS: 0 }, { WORKERS: 4 * cores })).toBe(1);
    expect(hashThreadCount({ HASH_THREADS: 5 }, { WORKERS: 2 })).toBe(5);
  });
});

describe('HashThreadPool', () => {
  let metrics: HashMetrics;
  let threads: HashThreadPool;

  beforeEach(() => {
    metrics = new HashMetrics(new Metrics());
    threads = new HashThreadPool(SETTINGS, SETTINGS, metrics);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await threads.onApplicationShutdown();
  });

  const pool = () => (threads as unknown as { pool: Piscina }).pool;
  const workers = () => pool().threads;
  const deaths = async () => (await metrics.threadDeaths.get()).values[0]?.value;

  it('hashes and compares like bcrypt, and measures the duration', async () => {
    const { result, durationMs } = await threads.hash('sécure123', 4);
    expect(await bcrypt.compare('sécure123', result)).toBe(true);
    expect(result).toMatch(/^\$2b\$04\$/);
    expect(durationMs).toBeGreaterThan(0);
    expect((await threads.compare('sécure123', result)).result).toBe(true);
    expect((await threads.compare('secure123', result)).result).toBe(false);
  });

  it('transfers the bytes of the password and keeps no copy', async () => {
    const run = jest.spyOn(Piscina.prototype, 'run');
    await threads.hash('secure123', 4);
    expect(run).toHaveBeenCalledWith(expect.objectContaining({ password: new Uint8Array() }), expect.anything());
  });

  it('rethrows errors of bcrypt and keeps working', async () => {
    await expect(threads.hash('secure123', 'four' as never)).rejects.toThrow(/salt/);
    expect((await threads.hash('secure123', 4)).result).toMatch(/^\$2b\$/);
    expect(await deaths()).toBe(0);
  });

  it('starts the configured number of threads on demand and reuses them', async () => {
    expect(workers()).toEqual([]);
    const tasks = Array.from({ length: 3 * SETTINGS.HASH_THREADS });
    for (let round = 0; round < 3; round++) await Promise.all(tasks.map(async () => threads.hash('x', 4)));
    expect(workers()).toHaveLength(SETTINGS.HASH_THREADS);
    expect(await deaths()).toBe(0);
  });

  it('does not use the pool of libuv: a DNS look-up completes while every thread hashes', async () => {
    const ended: string[] = [];
    const hashes = Array.from({ length: LIBUV_THREADS }, async () => threads.hash('x', SLOW));
    const all = hashes.map(async (hash) => hash.then(() => ended.push('hash')));
    await lookup('localhost').then(() => ended.push('name'));
    await Promise.all(all);
    expect(ended).toEqual(['name', 'hash', 'hash', 'hash', 'hash']);
  });

  it('lowers the priority of its threads on Linux', async () => {
    threads = new HashThreadPool({ ...SETTINGS, HASH_THREADS: 2 }, SETTINGS, metrics);
    await Promise.all([threads.hash('x', 4), threads.hash('y', 4)]);
    if (process.platform === 'linux') await until(() => countThreadsBelow(10) === 2);
  });

  it('gives the task of a thread that exits to another one, and counts the exit', async () => {
    await threads.hash('x', 4);
    const hashing = threads.hash('secure123', SLOW);
    await workers()[0]?.terminate();
    expect(await bcrypt.compare('secure123', (await hashing).result)).toBe(true);
    expect(await deaths()).toBe(1);
  });

  it('replaces a thread that exited while it was idle', async () => {
    await threads.hash('x', 4);
    const [first] = workers();
    await first?.terminate();
    expect((await threads.hash('y', 4)).result).toMatch(/^\$2b\$/);
    expect(workers()).toEqual([expect.not.objectContaining({ threadId: first?.threadId })]);
    expect(await deaths()).toBe(1);
  });

  it('gives up on a task that has ended two threads', async () => {
    threads = new HashThreadPool({ ...SETTINGS, HASH_THREADS: 1 }, SETTINGS, metrics);
    await threads.hash('x', 4);
    const failure = expect(threads.hash('secure123', SLOW)).rejects.toThrow('worker exited');
    const replaced = once(pool(), 'workerCreate');
    await workers()[0]?.terminate();
    await replaced;
    await workers()[0]?.terminate();
    await failure;
    expect(await deaths()).toBe(2);
  });

  it('fails while no thread can start, and recovers when one can', async () => {
    const { options } = pool();
    const { filename } = options;
    options.filename = '/nowhere.mjs';
    await expect(threads.hash('secure123', 4)).rejects.toThrow();
    options.filename = filename;
    expect((await threads.hash('secure123', 4)).result).toMatch(/^\$2b\$/);
  });

  it('keeps working with its running threads when no other thread can start', async () => {
    await threads.hash('x', 4);
    const { options } = pool();
    const slow = threads.hash('x', SLOW);
    const failing = once(pool(), 'error');
    options.filename = '/nowhere.mjs';
    const waiting = pool().run({ kind: 'hash', password: new Uint8Array([120]), rounds: 4 }, { filename: HASH_THREAD });
    await failing;
    expect((await slow).result).toMatch(/^\$2b\$/);
    await waiting;
  });

  it('rejects every hash after shutdown', async () => {
    await threads.hash('x', 4);
    const failure = expect(threads.hash('secure123', SLOW)).rejects.toThrow('closed');
    await threads.onApplicationShutdown();
    await failure;
    await expect(threads.hash('secure123', 4)).rejects.toThrow('closed');
    expect(await deaths()).toBe(0);
  });
});

/** The number of threads whose niceness is `steps` above that of the process. */
function countThreadsBelow(steps: number): number {
  const nicenessOf = (thread: string) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    // Niceness is the 17th field after the name, which may contain any character.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  };
  const niceness = nicenessOf(String(process.pid));
  return readdirSync('/proc/self/task').filter((thread) => nicenessOf(thread) === niceness + steps).length;
}
