import { availableParallelism } from 'node:os';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Environment } from '../../../platform/config/environment.js';
import type { HashJob, Timed } from './hash-job.js';
import { HashMetrics } from './hash-metrics.js';
import { HashingThread, ThreadDied } from './hashing-thread.js';

/**
 * How many hashes one process runs at a time: its share of the cores. None is left free, since hashes step back behind
 * serving; more would take the same time each and only make all of them late.
 */
export function hashThreadsOf({ HASH_THREADS, WORKERS }: Pick<Environment, 'HASH_THREADS' | 'WORKERS'>): number {
  return HASH_THREADS || Math.max(1, Math.floor(availableParallelism() / WORKERS));
}

/**
 * bcrypt in threads of our own, at a lower priority than serving. They start when they are needed, up to as many as jobs
 * are given at a time, which is the hash gate's to bound.
 */
@Injectable()
export class HashThreads implements OnApplicationShutdown {
  private readonly threads = new Set<HashingThread>();
  private readonly idle: HashingThread[] = [];
  private closed = false;

  constructor(private readonly metrics: HashMetrics) {}

  /** @returns a `$2b$` hash with a salt of its own */
  async hash(password: string, rounds: number): Promise<Timed<string>> {
    return this.run<string>(() => ({ kind: 'hash', password: new TextEncoder().encode(password), rounds }));
  }

  async compare(password: string, hash: string): Promise<Timed<boolean>> {
    return this.run<boolean>(() => ({ kind: 'compare', password: new TextEncoder().encode(password), hash }));
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.threads].map(async (thread) => thread.end()));
  }

  /** A job whose thread dies is given to another one, once: what killed two is no accident. */
  private async run<Result extends string | boolean>(makeJob: () => HashJob): Promise<Timed<Result>> {
    try {
      return await this.runOnce(makeJob());
    } catch (error) {
      if (!(error instanceof ThreadDied) || this.closed) throw error;
      return this.runOnce(makeJob());
    }
  }

  private async runOnce<Result extends string | boolean>(job: HashJob): Promise<Timed<Result>> {
    const thread = this.idle.pop() ?? this.start();
    try {
      return await thread.run<Result>(job);
    } finally {
      if (this.threads.has(thread)) this.idle.push(thread);
    }
  }

  private start(): HashingThread {
    if (this.closed) throw new ThreadDied('the hashing threads are closed');
    const thread = new HashingThread((dead) => this.forget(dead));
    this.threads.add(thread);
    return thread;
  }

  private forget(dead: HashingThread): void {
    this.threads.delete(dead);
    const place = this.idle.indexOf(dead);
    if (place >= 0) this.idle.splice(place, 1);
    if (!this.closed) this.metrics.threadDeaths.inc();
  }
}
