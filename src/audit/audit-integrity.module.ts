import { Module } from '@nestjs/common';
import { AuditIntegrity } from './audit-integrity.js';

/** The integrity of the audit log, for jobs and commands. */
@Module({ providers: [AuditIntegrity], exports: [AuditIntegrity] })
export class AuditIntegrityModule {}
