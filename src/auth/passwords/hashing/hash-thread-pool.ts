import { availableParallelism } from 'node:os';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { programFile } from '../../../platform/config/program-files.js';
import { PlatformSettings } from '../../../platform/config/platform-settings.js';
import { HashMetrics } from './hash-metrics.js';
import type { HashTask, HashTaskResult, Timed } from './hash-task.js';
import { HashingSettings } from './hashing.settings.js';

/**
 * The number of hashes that one process runs concurrently: its share of the cores. No core is kept free, because hash
 * threads have a lower priority than the main thread. More threads would only slow down every hash.
 */
export function hashThreadCount(
  { HASH_THREADS }: Pick<HashingSettings, 'HASH_THREADS'>,
  { WORKERS }: Pick<PlatformSettings, 'WORKERS'>,
): number {
  return HASH_THREADS || Math.max(1, Math.floor(availableParallelism() / WORKERS));
}

/** More than a thread needs, but too little to exhaust the memory of the process. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };

/**
 * A pool of bcrypt threads with a lower priority than the main thread. Threads start on demand and stay. The hash queue
 * limits the number of concurrent tasks, so a task waits in the queue of the pool only while a thread starts.
 */
@Injectable()
export class HashThreadPool implements OnApplicationShutdown {
  private readonly pool: Piscina<HashTask, HashTaskResult>;
  private closed = false;

  constructor(settings: HashingSettings, platform: PlatformSettings, metrics: HashMetrics) {
    this.pool = new Piscina({
      filename: programFile('auth/passwords/hashing/hash-thread.mjs').href,
      minThreads: 0,
      maxThreads: hashThreadCount(settings, platform),
      idleTimeout: Infinity,
      resourceLimits: RESOURCE_LIMITS,
      // A thread needs neither the environment, which holds secrets, nor the options of the main thread.
      env: {},
      execArgv: [],
    });
    // Each task listens for 'error' while it runs. Without a listener, the event would end the process.
    this.pool.setMaxListeners(0).on('error', () => undefined);
    this.pool.on('workerDestroy', () => this.closed || metrics.threadDeaths.inc());
  }

  /** @returns a `$2b$` hash with a random salt */
  async hash(password: string, rounds: number): Promise<Timed<string>> {
    return this.run<string>(() => ({ kind: 'hash', password: new TextEncoder().encode(password), rounds }));
  }

  async compare(password: string, hash: string): Promise<Timed<boolean>> {
    return this.run<boolean>(() => ({ kind: 'compare', password: new TextEncoder().encode(password), hash }));
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    await this.pool.destroy();
  }

  /** Repeats the task once if its thread exits. A task that ends two threads is assumed to be the cause. */
  private async run<Result extends string | boolean>(makeTask: () => HashTask): Promise<Timed<Result>> {
    const reply = await this.runOnce(makeTask()).catch(async () => this.runOnce(makeTask()));
    if ('error' in reply) throw reply.error;
    return reply as Timed<Result>;
  }

  /**
   * @returns the reply of the thread, which may be an error of bcrypt
   * @throws the error that ended the thread
   */
  private async runOnce(task: HashTask): Promise<HashTaskResult> {
    if (this.closed) throw new Error('the hash threads are closed');
    // When no thread can start, the pool emits an error, but its tasks would wait for ever.
    const failure = new AbortController();
    const fail = (error: unknown): void => (this.pool.threads.length === 0 ? failure.abort(error) : undefined);
    this.pool.on('error', fail);
    try {
      return await this.pool.run(task, { transferList: [task.password.buffer], signal: failure.signal });
    } finally {
      this.pool.off('error', fail);
    }
  }
}
