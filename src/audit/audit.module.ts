import { Global, Module } from '@nestjs/common';
import { AnonymousEventLimit } from './anonymous-event-limit.js';
import { AuditIntegrityModule } from './audit-integrity.module.js';
import { AuditJobs } from './audit-jobs.js';
import { AuditMetrics } from './audit-metrics.js';
import { AuditPartitions } from './audit-partitions.js';
import { AuditReader } from './audit-reader.js';
import { AuditWriter } from './audit-writer.js';
import { ThrottledAudit } from './throttled-audit.js';

@Global()
@Module({
  imports: [AuditIntegrityModule],
  providers: [AnonymousEventLimit, AuditWriter, ThrottledAudit, AuditReader, AuditMetrics, AuditPartitions, AuditJobs],
  exports: [AuditWriter, AuditReader, ThrottledAudit],
})
export class AuditModule {}
