import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Metrics } from '../metrics/metrics.js';
import { Readiness } from './readiness.js';

/** Metrics are collected every second; nothing is alerted so fast that the database had to be asked as often. */
const REFRESH_INTERVAL_MS = 10_000;

/** What /health/ready would say, for alerts: a process says in its metrics that it is not ready, as long as it runs at all. */
@Injectable()
export class HealthMetrics {
  /** Nobody serves before the database was reached and migrated. */
  private known = { ready: true, up: true };
  private refreshedAt = performance.now();

  constructor(
    metrics: Metrics,
    private readonly readiness: Readiness,
  ) {
    const registers = [metrics.registry];
    const ready: Gauge = new Gauge({
      name: 'app_workers_ready',
      help: 'Processes whose /health/ready is 200; looked at every 10 s.',
      registers,
      collect: () => {
        this.refresh();
        ready.set(this.known.ready ? 1 : 0);
      },
    });
    const up: Gauge = new Gauge({
      name: 'db_up',
      help: 'Whether the database answers every process; looked at every 10 s.',
      aggregator: 'min',
      registers,
      collect: () => up.set(this.known.up ? 1 : 0),
    });
  }

  /** Nobody who collects waits for the database: the answer is told the next time. */
  private refresh(): void {
    if (performance.now() - this.refreshedAt < REFRESH_INTERVAL_MS) return;
    this.refreshedAt = performance.now();
    void this.readiness.report().then(({ ready, database }) => {
      this.known = { ready, up: database === 'up' };
    });
  }
}
