import { availableParallelism } from 'node:os';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { PlatformSettings } from '../../../platform/config/platform-settings.js';
import { HashMetrics } from './hash-metrics.js';
import type { HashTask, HashTaskResult, Timed } from './hash-task.js';
import { HashingSettings } from './hashing.settings.js';

/**
 * How many hashes one process runs at a time: its share of the cores. No core is left free, because hashing threads have
 * a lower priority than serving; more threads would only make every hash slower.
 */
export function hashThreadCount(
  { HASH_THREADS }: Pick<HashingSettings, 'HASH_THREADS'>,
  { WORKERS }: Pick<PlatformSettings, 'WORKERS'>,
): number {
  return HASH_THREADS || Math.max(1, Math.floor(availableParallelism() / WORKERS));
}

/** More than a thread needs, and too little to exhaust the memory of the process. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };

/**
 * bcrypt in a pool of threads with a lower priority than serving. Threads start on demand and stay. The hash queue bounds
 * how many jobs run at a time, so none waits in the queue of the pool for longer than a thread takes to start.
 */
@Injectable()
export class HashThreadPool implements OnApplicationShutdown {
  private readonly pool: Piscina<HashTask, HashTaskResult>;
  private closed = false;

  constructor(settings: HashingSettings, platform: PlatformSettings, metrics: HashMetrics) {
    this.pool = new Piscina({
      filename: new URL('./hash-thread.mjs', import.meta.url).href,
      minThreads: 0,
      maxThreads: hashThreadCount(settings, platform),
      idleTimeout: Infinity,
      resourceLimits: RESOURCE_LIMITS,
      // A thread needs neither the settings, which hold secrets, nor the options of the main thread.
      env: {},
      execArgv: [],
    });
    // Each job listens to 'error' while it runs; without any listener the event would end the process.
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

  /** Repeats the job once if its thread dies. A job that ends two threads is at fault itself. */
  private async run<Result extends string | boolean>(makeJob: () => HashTask): Promise<Timed<Result>> {
    const answer = await this.runOnce(makeJob()).catch(async () => this.runOnce(makeJob()));
    if ('error' in answer) throw answer.error;
    return answer as Timed<Result>;
  }

  /** @throws what ended the thread; what bcrypt throws is an answer */
  private async runOnce(job: HashTask): Promise<HashTaskResult> {
    if (this.closed) throw new Error('the hashing threads are closed');
    // When no thread can start, the pool emits the error but lets its jobs wait for ever.
    const failure = new AbortController();
    const fail = (error: unknown): void => (this.pool.threads.length === 0 ? failure.abort(error) : undefined);
    this.pool.on('error', fail);
    try {
      return await this.pool.run(job, { transferList: [job.password.buffer], signal: failure.signal });
    } finally {
      this.pool.off('error', fail);
    }
  }
}
