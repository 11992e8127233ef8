import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DemandTable } from './hashing/demand-table.js';
import { HashDemand } from './hashing/hash-demand.entity.js';
import { HashMetrics } from './hashing/hash-metrics.js';
import { HashGate } from './hashing/hash-queue.js';
import { HashThreads } from './hashing/hash-thread-pool.js';
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
