import { Module } from '@nestjs/common';
import { FailedJobs } from './failed-jobs.js';

/** The failed jobs, for commands and the purge. */
@Module({ providers: [FailedJobs], exports: [FailedJobs] })
export class FailedJobsModule {}
