import { Global, Module } from '@nestjs/common';
import { AnonymousEvents } from './anonymous-event-limit.js';
import { AuditIntegrityModule } from './audit-integrity.module.js';
import { AuditJobs } from './audit-jobs.js';
import { AuditMetrics } from './audit-metrics.js';
import { AuditMonths } from './audit-partitions.js';
import { AuditReader } from './audit-reader.js';
import { Audit } from './audit-writer.js';
import { RepeatedEvents } from './throttled-audit.js';

@Global()
@Module({
  imports: [AuditIntegrityModule],
  providers: [AnonymousEvents, Audit, RepeatedEvents, AuditReader, AuditMetrics, AuditMonths, AuditJobs],
  exports: [Audit, AuditReader, RepeatedEvents],
})
export class AuditModule {}
