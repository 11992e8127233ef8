import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { JobContext } from '../../jobs/job-handlers.js';
import { Scheduled } from '../../jobs/job.decorators.js';
import type { JobPayload } from '../../jobs/jobs.js';
import { PURGE } from './sessions.sql.js';

/** How long a device of an account is remembered after its last session, and a reuse can be investigated. */
const KEPT_DAYS = 30;
const ROWS_A_STEP = 2000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Deletes the sessions that ended long ago. */
@Injectable()
export class SessionPurge {
  private readonly logger = new Logger('Sessions');

  constructor(private readonly dataSource: DataSource) {}

  @Scheduled('sessions.purge', '23 3 * * *')
  async run(_payload: JobPayload, { signal }: JobContext): Promise<void> {
    const purged = await this.purge(signal);
    if (purged > 0)
      this.logger.log({ sessions: purged, msg: `deleted sessions that ended more than ${KEPT_DAYS} days ago` });
  }

  /** @returns how many were deleted; the next run deletes what a signal leaves */
  async purge(signal: AbortSignal, rowsAStep = ROWS_A_STEP): Promise<number> {
    let purged = 0;
    for (let last: string | null = BEFORE_ALL; last !== null && !signal.aborted;) {
      const rows: PurgeStep[] = await this.dataSource.query<PurgeStep[]>(PURGE, [last, rowsAStep, KEPT_DAYS]);
      purged += rows[0]?.purged ?? 0;
      last = rows[0]?.last ?? null;
    }
    return purged;
  }
}

interface PurgeStep {
  last: string | null;
  purged: number;
}
