import { Injectable, Logger } from '@nestjs/common';
import type { JobPayload } from '../jobs/job-queue.js';
import type { JobContext } from '../jobs/job-registry.js';
import { Scheduled } from '../jobs/job.decorators.js';
import { AuditIntegrity } from './audit-integrity.js';
import { AuditMetrics } from './audit-metrics.js';
import { AuditPartitions } from './audit-partitions.js';

/** The jobs that seal the log, and create and drop its partitions. */
@Injectable()
export class AuditJobs {
  private readonly logger = new Logger('Audit');

  constructor(
    private readonly integrity: AuditIntegrity,
    private readonly metrics: AuditMetrics,
    private readonly partitions: AuditPartitions,
  ) {}

  /**
   * Seals the log and logs the head of the chain. If logs are shipped to another machine, write access to the database
   * is not enough to forge a matching chain.
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
