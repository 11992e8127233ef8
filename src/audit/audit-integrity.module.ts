import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditCheckpoint } from './audit-checkpoint.entity.js';
import { AuditDetails } from './audit-details.entity.js';
import { AuditEvent } from './audit-event.entity.js';
import { AuditIntegrity } from './audit-integrity.js';
import { AuditSeal } from './audit-seal.entity.js';
import { AuditUnsealed } from './audit-unsealed.entity.js';

/** Sealing and verification of the audit log, for jobs and commands. */
@Module({
  imports: [TypeOrmModule.forFeature([AuditCheckpoint, AuditDetails, AuditEvent, AuditSeal, AuditUnsealed])],
  providers: [AuditIntegrity],
  exports: [AuditIntegrity],
})
export class AuditIntegrityModule {}
