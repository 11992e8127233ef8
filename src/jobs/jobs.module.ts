import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { type DatabaseSettings, sessionDatabase } from '../platform/config/database-settings.js';
import { FailedJobsModule } from './failed-jobs.module.js';
import { JobDiscovery } from './job-discovery.js';
import { JobMetrics } from './job-metrics.js';
import { JobQueue } from './job-queue.js';
import { JobRegistry } from './job-registry.js';
import { JobRunner, QUEUE_DATABASE } from './job-runner.js';

/**
 * Runs background and scheduled jobs in any process with a free worker. Features declare jobs with `job.decorators.ts`.
 */
@Global()
@Module({})
export class JobsModule {
  static forRoot(database: DatabaseSettings): DynamicModule {
    return {
      module: JobsModule,
      imports: [DiscoveryModule, FailedJobsModule],
      providers: [
        { provide: QUEUE_DATABASE, useValue: sessionDatabase(database) ?? database },
        JobQueue,
        JobRegistry,
        JobDiscovery,
        JobMetrics,
        JobRunner,
      ],
      exports: [JobQueue, JobRunner],
    };
  }
}
