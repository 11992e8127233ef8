import { Module } from '@nestjs/common';
import { FailedJobs } from './failed-jobs.js';

/** The jobs that have failed for good, for commands. */
@Module({ providers: [FailedJobs], exports: [FailedJobs] })
export class FailedJobsModule {}
