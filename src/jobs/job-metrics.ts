import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { Metrics } from '../platform/metrics/metrics.js';

/**
 * How an attempt ended: `failed` is repeated, `dead` is not, `returned` was interrupted by the end of the process, and
 * `abandoned` belonged to a process that is gone.
 */
export type JobOutcome = 'done' | 'failed' | 'dead' | 'returned' | 'abandoned';

const OUTCOMES: readonly JobOutcome[] = ['done', 'failed', 'dead', 'returned', 'abandoned'];

/** The state of the queue, which all processes share. */
export interface QueueState {
  /** Jobs that are due. */
  ready: number;
  /** Jobs that are due later, also after a failed attempt. */
  waiting: number;
  running: number;
  /** Jobs that failed for the last time. */
  failed: number;
  /** How many seconds the oldest due job has waited. */
  oldest: number;
}

/** Metrics of jobs. Every process reports the same queue, so the largest of its figures counts. */
@Injectable()
export class JobMetrics {
  private readonly attempts: Counter<'name' | 'outcome'>;
  private readonly durations: Histogram<'name'>;
  private readonly queue: Gauge<'state'>;
  private readonly oldest: Gauge;

  constructor({ registry }: Metrics) {
    const registers = [registry];
    this.attempts = new Counter({
      name: 'jobs_total',
      help: 'Tries of jobs: done, failed (tried again), dead (given up), returned and abandoned (ended with the process, done by another).',
      labelNames: ['name', 'outcome'],
      registers,
    });
    this.durations = new Histogram({
      name: 'job_duration_seconds',
      help: 'How long a try took, failed ones included.',
      labelNames: ['name'],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    });
    this.queue = new Gauge({
      name: 'jobs_queue',
      help: 'Jobs of all processes by state, looked at every 10 s: ready, waiting (for their time), running, failed (given up).',
      labelNames: ['state'],
      aggregator: 'max',
      registers,
    });
    this.oldest = new Gauge({
      name: 'jobs_oldest_ready_seconds',
      help: 'For how long the job has waited whose turn it is; 0 when none does.',
      aggregator: 'max',
      registers,
    });
    this.oldest.remove();
  }

  /** Creates the counters at 0, so that Prometheus sees their first increase. */
  initialize(names: Iterable<string>): void {
    for (const name of names) for (const outcome of OUTCOMES) this.attempts.inc({ name, outcome }, 0);
  }

  countAttempt(name: string, outcome: JobOutcome): void {
    this.attempts.inc({ name, outcome });
  }

  observeDuration(name: string, seconds: number): void {
    this.durations.observe({ name }, seconds);
  }

  setQueueState({ ready, waiting, running, failed, oldest }: QueueState): void {
    for (const [state, jobs] of Object.entries({ ready, waiting, running, failed })) this.queue.set({ state }, jobs);
    this.oldest.set(oldest);
  }

  /** Removes the figures while the queue cannot be read: no figure is better than an old one. */
  clearQueueState(): void {
    this.queue.reset();
    this.oldest.remove();
  }
}
