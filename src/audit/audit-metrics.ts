import { Injectable, Logger } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { Metrics } from '../platform/metrics/metrics.js';
import { AUDIT_ACTIONS, type AuditAction, type AuditOutcome } from './audit-actions.js';
import { AuditUnsealed } from './audit-unsealed.entity.js';

/** The metrics are read every second; the database is asked so often only. */
const REFRESH_INTERVAL_MS = 15_000;

/** What is recorded, what could not be, and how far the seals are behind. */
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
      help: 'Events written to the audit log, those of transactions that were undone later included.',
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
      help: 'Events that are missing in the audit log, since they could not be written; each is an error in the log.',
      registers: [registry],
    });
    const gauge = (name: string, help: string, read: () => number): void => {
      const collect = (): void => {
        this.refreshIfStale();
        shown.set(read());
      };
      // Every process tells of the same table.
      const shown: Gauge = new Gauge({ name, help, aggregator: 'max', registers: [registry], collect });
    };
    gauge('audit_unsealed_events', 'Events that wait for their seal.', () => this.unsealed.events);
    gauge('audit_unsealed_seconds', 'How long the oldest of them has waited.', () => this.unsealed.seconds);
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

  /** Asks the database how far the seals are behind. It never throws: the last answer stands. */
  async refresh(): Promise<void> {
    try {
      const found = await this.dataSource.manager
        .createQueryBuilder(AuditUnsealed, 'unsealed')
        .select('CAST(count(*) AS int)', 'events')
        .addSelect('COALESCE(CAST(extract(epoch FROM now() - min(unsealed.occurredAt)) AS float), 0)', 'seconds')
        .getRawOne<{ events: number; seconds: number }>();
      if (found) this.unsealed = found;
    } catch (error) {
      this.logger.debug(`how far the seals are behind is not known: ${String(error)}`);
    }
  }

  private refreshIfStale(): void {
    if (performance.now() - this.refreshedAt < REFRESH_INTERVAL_MS) return;
    this.refreshedAt = performance.now();
    void this.refresh();
  }
}
