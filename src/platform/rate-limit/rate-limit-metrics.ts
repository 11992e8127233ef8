import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Metrics } from '../metrics/metrics.js';
import { RequestCounters } from './request-counters.js';

/** What the limits refuse, and how many clients this process remembers. */
@Injectable()
export class RateLimitMetrics {
  private readonly refused: Counter<'policy'>;

  constructor({ registry }: Metrics, counters: RequestCounters) {
    this.refused = new Counter({
      name: 'rate_limited_total',
      help: 'Requests answered 429, by the limit that they met.',
      labelNames: ['policy'],
      registers: [registry],
    });
    const tracked = new Gauge({
      name: 'rate_limit_tracked_clients',
      help: 'Client addresses whose requests this process remembers.',
      registers: [],
      collect() {
        this.set(counters.tracked);
      },
    });
    registry.registerMetric(tracked);
  }

  /** A policy is there from the start: a first refusal that came out of nothing would be no rise to Prometheus. */
  initialize(policy: string): void {
    this.refused.inc({ policy }, 0);
  }

  countRefusal(policy: string): void {
    this.refused.inc({ policy });
  }
}
