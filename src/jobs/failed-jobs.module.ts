import { Module } from '@nestjs/common';
import { FailedJobs } from './failed-jobs.js';

/** The jobs that have used up their attempts, for commands and the purge. */
@Module({ providers: [FailedJobs], exports: [FailedJobs] })
export class FailedJobsModule {}
