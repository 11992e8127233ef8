import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Metrics } from '../metrics/metrics.js';
import { Readiness } from './readiness.js';

/** Metrics are collected every second, but alerts do not need a query of the database that often. */
const REFRESH_INTERVAL_MS = 10_000;

/** Metrics of readiness for alerts, which show a running process that is not ready. */
@Injectable()
export class HealthMetrics {
  /** Initially ready, because the process starts to serve only after the database was reached and migrated. */
  private known = { ready: true, up: true };
  private refreshedAt = performance.now();

  constructor(
    metrics: Metrics,
    private readonly readiness: Readiness,
  ) {
    const registers = [metrics.registry];
    const ready: Gauge = new Gauge({
      name: 'app_workers_ready',
      help: 'Processes whose /health/ready is 200, checked every 10 s.',
      registers,
      collect: () => {
        this.refresh();
        ready.set(this.known.ready ? 1 : 0);
      },
    });
    const up: Gauge = new Gauge({
      name: 'db_up',
      help: 'Whether the database answers every process, checked every 10 s.',
      aggregator: 'min',
      registers,
      collect: () => up.set(this.known.up ? 1 : 0),
    });
  }

  /** Starts a query whose result appears at the next collection, so that no scrape waits for the database. */
  private refresh(): void {
    if (performance.now() - this.refreshedAt < REFRESH_INTERVAL_MS) return;
    this.refreshedAt = performance.now();
    void this.readiness.report().then(({ ready, database }) => {
      this.known = { ready, up: database === 'up' };
    });
  }
}
