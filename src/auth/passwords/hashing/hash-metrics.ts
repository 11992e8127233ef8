import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { Metrics } from '../../../platform/metrics/metrics.js';

/** From a hash of cost 4, which only tests use, to one of cost 15 on a busy machine. */
const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8];

/**
 * Why a request was answered 503: `full`, the expected wait was too long; `displaced`, a client with less demand took
 * its slot; `waited`, the wait exceeded HASH_WAIT_MS.
 */
export type ShedReason = 'full' | 'displaced' | 'waited';

/** State of the hash queue at this moment. */
export interface HashQueueState {
  queued: number;
  running: number;
  threads: number;
}

/** Prometheus metrics of the hash queue. Each value belongs to one process; sum them over processes. */
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
      help: 'Time that passwords waited in the hash queue.',
      buckets: SECONDS,
      registers,
    });
    this.duration = new Histogram({
      name: 'auth_hash_duration_seconds',
      help: 'Time to hash a password, excluding the wait in the queue.',
      buckets: SECONDS,
      registers,
    });
    this.shed = new Counter({
      name: 'auth_hash_shed_total',
      help: 'Requests answered 503 because their password could not be hashed in time, by reason.',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of ['full', 'displaced', 'waited'] satisfies ShedReason[]) this.shed.inc({ reason }, 0);
    this.abandoned = new Counter({
      name: 'auth_hash_abandoned_total',
      help: 'Passwords whose client disconnected while they waited to be hashed.',
      registers,
    });
    this.threadDeaths = new Counter({
      name: 'auth_hash_thread_deaths_total',
      help: 'Hash threads that exited unexpectedly and were replaced.',
      registers,
    });
  }

  /** @param readState called at every scrape */
  watch(readState: () => HashQueueState): void {
    this.gauge('auth_hash_queue_length', 'Passwords that wait in the hash queue.', () => readState().queued);
    this.gauge('auth_hash_running', 'Passwords that are being hashed.', () => readState().running);
    this.gauge('auth_hash_threads', 'Passwords that can be hashed concurrently.', () => readState().threads);
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
