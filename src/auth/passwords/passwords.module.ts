import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DemandTable } from './hashing/demand-table.js';
import { HashDemand } from './hashing/hash-demand.entity.js';
import { HashGate } from './hashing/hash-gate.js';
import { HashMetrics } from './hashing/hash-metrics.js';
import { HashThreads } from './hashing/hash-threads.js';
import { SharedDemand } from './hashing/shared-demand.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordRules } from './password-rules.js';

/** Password hashes and the rules for new passwords. */
@Module({
  imports: [TypeOrmModule.forFeature([HashDemand])],
  providers: [DemandTable, SharedDemand, HashGate, HashMetrics, HashThreads, PasswordHasher, PasswordRules],
  exports: [PasswordHasher, PasswordRules],
})
export class PasswordsModule {}
