import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DemandTable } from './hashing/demand-table.js';
import { HashDemand } from './hashing/hash-demand.entity.js';
import { HashMetrics } from './hashing/hash-metrics.js';
import { HashQueue } from './hashing/hash-queue.js';
import { HashThreadPool } from './hashing/hash-thread-pool.js';
import { SharedDemand } from './hashing/shared-demand.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordRules } from './password-rules.js';

/** Password hashing and the rules for new passwords. */
@Module({
  imports: [TypeOrmModule.forFeature([HashDemand])],
  providers: [DemandTable, SharedDemand, HashQueue, HashMetrics, HashThreadPool, PasswordHasher, PasswordRules],
  exports: [PasswordHasher, PasswordRules],
})
export class PasswordsModule {}
