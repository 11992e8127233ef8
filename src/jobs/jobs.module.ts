import { type DynamicModule, Global, Module } from '@nestjs/common';
import { type DatabaseSettings, sessionDatabase } from '../platform/config/database-settings.js';
import { FailedJobsPurge } from './failed-jobs.js';
import { JobHandlers } from './job-handlers.js';
import { JobMetrics } from './job-metrics.js';
import { JobRunner, QUEUE_DATABASE } from './job-runner.js';
import { Jobs } from './jobs.js';

/** Work that is done after the answer, or at a time, by whichever process has room. */
@Global()
@Module({})
export class JobsModule {
  static forRoot(database: DatabaseSettings): DynamicModule {
    return {
      module: JobsModule,
      providers: [
        { provide: QUEUE_DATABASE, useValue: sessionDatabase(database) ?? database },
        Jobs,
        JobHandlers,
        JobMetrics,
        JobRunner,
        FailedJobsPurge,
      ],
      exports: [Jobs, JobHandlers, JobRunner],
    };
  }
}
