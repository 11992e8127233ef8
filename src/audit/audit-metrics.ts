import { Injectable, Logger } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { Metrics } from '../platform/metrics/metrics.js';
import { AUDIT_ACTIONS, type AuditAction, type AuditOutcome } from './audit-actions.js';
import { AuditUnsealed } from './audit-unsealed.entity.js';

/** Minimum time between two queries, because metrics may be scraped every second. */
const REFRESH_INTERVAL_MS = 15_000;

/** Counts recorded, omitted and lost events, and measures the backlog of the seals. */
@Injectable()
export class AuditMetrics {
  private readonly logger = new Logger('Audit');
  private readonly recorded: Counter<'action' | 'outcome'>;
  private readonly omitted: Counter<'action'>;
  private readonly failures: Counter;
  private unsealed = { events: 0, seconds: 0 };
  private refreshedAt = performance.now();

  constructor(
    { registry }: Metrics,
    private readonly dataSource: DataSource,
  ) {
    this.recorded = new Counter({
      name: 'audit_events_total',
      help: 'Events written to the audit log, including those of transactions that were rolled back later.',
      labelNames: ['action', 'outcome'],
      registers: [registry],
    });
    for (const [action, { outcome }] of Object.entries(AUDIT_ACTIONS)) this.recorded.inc({ action, outcome }, 0);
    this.omitted = new Counter({
      name: 'audit_events_omitted_total',
      help: 'Events without a subject that were not written because there were too many of their action in a minute.',
      labelNames: ['action'],
      registers: [registry],
    });
    for (const action of Object.keys(AUDIT_ACTIONS)) this.omitted.inc({ action }, 0);
    this.failures = new Counter({
      name: 'audit_write_failures_total',
      help: 'Events that could not be written to the audit log. Each one is logged as an error.',
      registers: [registry],
    });
    const gauge = (name: string, help: string, read: () => number): void => {
      const collect = (): void => {
        this.refreshIfStale();
        metric.set(read());
      };
      // `max`, because every process reports the same table.
      const metric: Gauge = new Gauge({ name, help, aggregator: 'max', registers: [registry], collect });
    };
    gauge('audit_unsealed_events', 'Events that are not sealed yet.', () => this.unsealed.events);
    gauge(
      'audit_unsealed_seconds',
      'Age in seconds of the oldest event that is not sealed yet.',
      () => this.unsealed.seconds,
    );
  }

  countEvent({ action, outcome }: { action: AuditAction; outcome: AuditOutcome }): void {
    this.recorded.inc({ action, outcome });
  }

  countOmission({ action }: { action: AuditAction }): void {
    this.omitted.inc({ action });
  }

  countFailure(): void {
    this.failures.inc();
  }

  /** Queries the backlog of the seals. Never throws: after an error, the last values stay. */
  async refresh(): Promise<void> {
    try {
      const found = await this.dataSource.manager
        .createQueryBuilder(AuditUnsealed, 'unsealed')
        .select('CAST(count(*) AS int)', 'events')
        .addSelect('COALESCE(CAST(extract(epoch FROM now() - min(unsealed.occurredAt)) AS float), 0)', 'seconds')
        .getRawOne<{ events: number; seconds: number }>();
      if (found) this.unsealed = found;
    } catch (error) {
      this.logger.debug(`could not read the number of unsealed audit events: ${String(error)}`);
    }
  }

  private refreshIfStale(): void {
    if (performance.now() - this.refreshedAt < REFRESH_INTERVAL_MS) return;
    this.refreshedAt = performance.now();
    void this.refresh();
  }
}
