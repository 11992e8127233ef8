import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { Metrics } from '../platform/metrics/metrics.js';

/**
 * The outcome of an attempt: `failed` is followed by another attempt, `dead` is not, `returned` was interrupted because
 * the process stopped, `abandoned` belonged to a process that is gone.
 */
export type JobOutcome = 'done' | 'failed' | 'dead' | 'returned' | 'abandoned';

const OUTCOMES: readonly JobOutcome[] = ['done', 'failed', 'dead', 'returned', 'abandoned'];

/** The state of the queue that all processes share. */
export interface QueueState {
  /** Jobs that are due. */
  ready: number;
  /** Jobs that are due later, including those after a failed attempt. */
  waiting: number;
  running: number;
  /** Jobs without remaining attempts. */
  failed: number;
  /** Seconds for which the oldest due job has waited. */
  oldest: number;
}

/** Metrics of jobs. All processes report the same queue, so its gauges are aggregated by the maximum. */
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
      help: 'Attempts at jobs: done, failed (another attempt follows), dead (the last attempt failed), returned and abandoned (interrupted with the process, another process runs the job).',
      labelNames: ['name', 'outcome'],
      registers,
    });
    this.durations = new Histogram({
      name: 'job_duration_seconds',
      help: 'Duration of attempts at jobs, including failed ones.',
      labelNames: ['name'],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    });
    this.queue = new Gauge({
      name: 'jobs_queue',
      help: 'Jobs in the queue, read every 10 s: ready, waiting (due later), running, failed (no attempts left).',
      labelNames: ['state'],
      aggregator: 'max',
      registers,
    });
    this.oldest = new Gauge({
      name: 'jobs_oldest_ready_seconds',
      help: 'Seconds for which the oldest due job has waited, 0 if none is due.',
      aggregator: 'max',
      registers,
    });
    this.oldest.remove();
  }

  /** Initializes the counters to 0, so that Prometheus sees their first increase. */
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

  /** Removes the gauges while the queue cannot be read, because a missing value is better than a stale one. */
  clearQueueState(): void {
    this.queue.reset();
    this.oldest.remove();
  }
}
