import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Metrics } from '../metrics/metrics.js';
import { RequestCounters } from './request-counters.js';

/** Metrics of refused requests and of the clients in memory. */
@Injectable()
export class RateLimitMetrics {
  private readonly refused: Counter<'policy'>;

  constructor({ registry }: Metrics, counters: RequestCounters) {
    this.refused = new Counter({
      name: 'rate_limited_total',
      help: 'Requests answered 429, by the limit that they exceeded.',
      labelNames: ['policy'],
      registers: [registry],
    });
    const tracked = new Gauge({
      name: 'rate_limit_tracked_clients',
      help: 'Client addresses that this process keeps counts of.',
      registers: [],
      collect() {
        this.set(counters.tracked);
      },
    });
    registry.registerMetric(tracked);
  }

  /** Initializes a policy with 0, so that Prometheus sees its first refusal as an increase. */
  initialize(policy: string): void {
    this.refused.inc({ policy }, 0);
  }

  countRefusal(policy: string): void {
    this.refused.inc({ policy });
  }
}
