import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { Metrics } from '../../../platform/metrics/metrics.js';

/** From a hash of cost 4, which only tests use, to one of cost 15 on a loaded machine. */
const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8];

/** Why a request was answered 503: its wait would have been, or was, too long; or another had asked for less. */
export type ShedReason = 'full' | 'displaced' | 'waited';

/** State of the hash queue at this moment. */
export interface HashQueueState {
  queued: number;
  running: number;
  threads: number;
}

/** What the hash queue tells Prometheus. Every figure is one process's; over processes they add up. */
@Injectable()
export class HashMetrics {
  readonly wait: Histogram;
  readonly duration: Histogram;
  readonly shed: Counter<'reason'>;
  readonly abandoned: Counter;
  readonly threadDeaths: Counter;

  constructor(private readonly metrics: Metrics) {
    const registers = [metrics.registry];
    this.wait = new Histogram({
      name: 'auth_hash_wait_seconds',
      help: 'How long passwords waited for their turn to be hashed.',
      buckets: SECONDS,
      registers,
    });
    this.duration = new Histogram({
      name: 'auth_hash_duration_seconds',
      help: 'How long hashing a password took, waiting not counted.',
      buckets: SECONDS,
      registers,
    });
    this.shed = new Counter({
      name: 'auth_hash_shed_total',
      help: 'Requests answered 503 because their password would have waited too long.',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of ['full', 'displaced', 'waited'] satisfies ShedReason[]) this.shed.inc({ reason }, 0);
    this.abandoned = new Counter({
      name: 'auth_hash_abandoned_total',
      help: 'Passwords whose client was gone before their turn came.',
      registers,
    });
    this.threadDeaths = new Counter({
      name: 'auth_hash_thread_deaths_total',
      help: 'Hashing threads that ended on their own and were replaced.',
      registers,
    });
  }

  /** @param readState asked at every scrape */
  watch(readState: () => HashQueueState): void {
    this.gauge('auth_hash_queue_length', 'Passwords that wait for their turn to be hashed.', () => readState().queued);
    this.gauge('auth_hash_running', 'Passwords that are being hashed.', () => readState().running);
    this.gauge('auth_hash_threads', 'Passwords that can be hashed at a time.', () => readState().threads);
  }

  private gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.metrics.registry],
      collect: () => gauge.set(read()),
    });
  }
}
