import { Injectable, Logger } from '@nestjs/common';
import type { JobPayload } from '../jobs/job-queue.js';
import type { JobContext } from '../jobs/job-registry.js';
import { Scheduled } from '../jobs/job.decorators.js';
import { AuditIntegrity } from './audit-integrity.js';
import { AuditMetrics } from './audit-metrics.js';
import { AuditPartitions } from './audit-partitions.js';

/** Seals the log, and makes and drops its partitions. */
@Injectable()
export class AuditJobs {
  private readonly logger = new Logger('Audit');

  constructor(
    private readonly integrity: AuditIntegrity,
    private readonly metrics: AuditMetrics,
    private readonly partitions: AuditPartitions,
  ) {}

  /**
   * The head of the chain goes to the log of the service, which leaves the machine: write access to the database alone is
   * not enough to forge a chain that matches it.
   */
  @Scheduled('audit.seal', '* * * * *')
  async seal(_payload: JobPayload, { signal }: JobContext): Promise<void> {
    const { events, head } = await this.integrity.seal(signal);
    await this.metrics.refresh();
    if (events === 0) return;
    this.logger.log({ events, anchor: `${head.seq}:${head.hash.toString('hex')}`, msg: 'the audit log is sealed' });
  }

  @Scheduled('audit.months', '23 2 * * *')
  async rotatePartitions(): Promise<void> {
    await this.partitions.createAhead();
    const events = await this.partitions.dropExpired();
    if (events > 0) this.logger.log({ events, msg: 'months of the audit log were dropped (AUDIT_RETENTION_DAYS)' });
  }
}
