import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { FAILED_JOBS, PURGE_FAILED, RETRY_FAILED } from './job-queue.sql.js';
import { Scheduled } from './job.decorators.js';

/** A job without remaining attempts, without its payload. */
export interface FailedJob {
  id: string;
  name: string;
  attempts: number;
  /** When it was enqueued, in UTC: `2026-11-22T18:00:00Z`. */
  created: string;
  /** The first line of the last attempt's error. */
  error: string;
}

const RETENTION_DAYS = 30;
const MAX_LISTED = 200;
const MAX_ERROR_LENGTH = 300;

/** The jobs without remaining attempts. */
@Injectable()
export class FailedJobs {
  private readonly log = new Logger('Jobs');

  constructor(private readonly dataSource: DataSource) {}

  /** Lists the oldest failed jobs. */
  async list(): Promise<{ jobs: FailedJob[]; mayHaveMore: boolean }> {
    const rows = await this.dataSource.query<FailedJob[]>(FAILED_JOBS, [MAX_LISTED]);
    const jobs = rows.map(({ id, name, attempts, created, error }) => {
      const [line = ''] = error.split('\n', 1);
      return { id, name, attempts, created, error: line.slice(0, MAX_ERROR_LENGTH) };
    });
    return { jobs, mayHaveMore: jobs.length === MAX_LISTED };
  }

  /**
   * Gives one failed job, or all of them, as many attempts as a new job.
   *
   * @returns the number of these jobs
   */
  async retry(which: { id: string } | 'all'): Promise<number> {
    const retried = await this.dataSource.query<unknown[]>(RETRY_FAILED, [which === 'all' ? null : which.id]);
    return retried.length;
  }

  /** Deletes jobs whose last attempt failed more than RETENTION_DAYS ago. */
  @Scheduled('jobs.purge', '23 3 * * *')
  async purge(): Promise<void> {
    const purged = await this.dataSource.query<unknown[]>(PURGE_FAILED, [RETENTION_DAYS]);
    if (purged.length > 0) {
      this.log.warn({ jobs: purged.length, msg: `deleted jobs that failed more than ${RETENTION_DAYS} days ago` });
    }
  }
}
