import { lookup } from 'node:dns/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';
import { Metrics } from '../../../platform/metrics/metrics.js';
import { HashMetrics } from './hash-metrics.js';
import { HashThreads, hashThreadsOf } from './hash-threads.js';
import { HashingThread } from './hashing-thread.js';

/** Long enough to be met while it runs. */
const SLOW = 12;
const LIBUV_THREADS = 4;

describe('hashThreadsOf', () => {
  it('shares the cores among the processes, one thread at least', () => {
    const cores = availableParallelism();
    expect(hashThreadsOf({ HASH_THREADS: 0, WORKERS: 1 })).toBe(cores);
    expect(hashThreadsOf({ HASH_THREADS: 0, WORKERS: cores })).toBe(1);
    expect(hashThreadsOf({ HASH_THREADS: 0, WORKERS: 4 * cores })).toBe(1);
    expect(hashThreadsOf({ HASH_THREADS: 5, WORKERS: 2 })).toBe(5);
  });
});

describe('HashThreads', () => {
  let metrics: HashMetrics;
  let threads: HashThreads;

  beforeEach(() => {
    metrics = new HashMetrics(new Metrics());
    threads = new HashThreads(metrics);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await threads.onApplicationShutdown();
  });

  const deaths = async () => (await metrics.threadDeaths.get()).values[0]?.value;

  it('hashes as bcrypt does, and says how long it took', async () => {
    const { result, durationMs } = await threads.hash('sécure123', 4);
    expect(await bcrypt.compare('sécure123', result)).toBe(true);
    expect(result).toMatch(/^\$2b\$04\$/);
    expect(durationMs).toBeGreaterThan(0);
    expect((await threads.compare('sécure123', result)).result).toBe(true);
    expect((await threads.compare('secure123', result)).result).toBe(false);
  });

  it('hands the bytes of the password over and keeps none', async () => {
    const run = jest.spyOn(HashingThread.prototype, 'run');
    await threads.hash('secure123', 4);
    expect(run.mock.calls[0]?.[0].password).toHaveLength(0);
  });

  it('hands on what bcrypt throws, and works on', async () => {
    await expect(threads.hash('secure123', 'four' as never)).rejects.toThrow(/salt/);
    expect((await threads.hash('secure123', 4)).result).toMatch(/^\$2b\$/);
    expect(await deaths()).toBe(0);
  });

  it('starts as many threads as jobs are given at a time, and uses them again', async () => {
    const run = jest.spyOn(HashingThread.prototype, 'run');
    for (let round = 0; round < 3; round++) await Promise.all([threads.hash('x', 4), threads.hash('y', 4)]);
    expect(run).toHaveBeenCalledTimes(6);
    expect(new Set(run.mock.contexts).size).toBe(2);
  });

  it('leaves the pool of libuv free: a name is looked up while every thread hashes (M15)', async () => {
    const ended: string[] = [];
    const hashes = Array.from({ length: LIBUV_THREADS }, async () => threads.hash('x', SLOW));
    const all = hashes.map(async (hash) => hash.then(() => ended.push('hash')));
    await lookup('localhost').then(() => ended.push('name'));
    await Promise.all(all);
    expect(ended).toEqual(['name', 'hash', 'hash', 'hash', 'hash']);
  });

  it('steps back behind the rest of the process, where the system knows priorities of threads', async () => {
    await Promise.all([threads.hash('x', 4), threads.hash('y', 4)]);
    if (process.platform === 'linux') expect(threadsBehind(10)).toBe(2);
  });

  it('gives the job of a thread that dies to another one, and counts it', async () => {
    const run = jest.spyOn(HashingThread.prototype, 'run');
    const hashing = threads.hash('secure123', SLOW);
    await (run.mock.contexts[0] as HashingThread).end();
    expect(await bcrypt.compare('secure123', (await hashing).result)).toBe(true);
    expect(await deaths()).toBe(1);
  });

  it('replaces a thread that died while it had nothing to do', async () => {
    const run = jest.spyOn(HashingThread.prototype, 'run');
    await threads.hash('x', 4);
    await (run.mock.contexts[0] as HashingThread).end();
    expect((await threads.hash('y', 4)).result).toMatch(/^\$2b\$/);
    expect(new Set(run.mock.contexts).size).toBe(2);
    expect(await deaths()).toBe(1);
  });

  it('gives up on a job that has ended two threads', async () => {
    const run = jest.spyOn(HashingThread.prototype, 'run');
    const failure = expect(threads.hash('secure123', SLOW)).rejects.toThrow('a hashing thread ended');
    await (run.mock.contexts[0] as HashingThread).end();
    await (run.mock.contexts[1] as HashingThread).end();
    await failure;
    expect(await deaths()).toBe(2);
  });

  it('hashes nothing more once it is shut down', async () => {
    const failure = expect(threads.hash('secure123', SLOW)).rejects.toThrow('a hashing thread ended');
    await threads.onApplicationShutdown();
    await failure;
    await expect(threads.hash('secure123', 4)).rejects.toThrow('closed');
    expect(await deaths()).toBe(0);
  });
});

/** How many threads of this process stand so many steps behind its own priority. */
function threadsBehind(steps: number): number {
  const nicenessOf = (thread: string) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    // Behind the name, which may hold anything, niceness is the 17th field.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  };
  const own = nicenessOf(String(process.pid));
  return readdirSync('/proc/self/task').filter((thread) => nicenessOf(thread) === own + steps).length;
}
