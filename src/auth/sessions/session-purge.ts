import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { JobHandlers } from '../../jobs/job-handlers.js';
import { PURGE } from './sessions.sql.js';

/** Every night, when few are awake. */
const AT_NIGHT = '23 3 * * *';
/** So long the devices of an account are remembered after the last session on them, and a reuse can be looked into. */
const KEPT_DAYS = 30;
const ROWS_A_STEP = 2000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Deletes the sessions that have long been over. */
@Injectable()
export class SessionPurge implements OnModuleInit {
  private readonly logger = new Logger('Sessions');

  constructor(
    private readonly dataSource: DataSource,
    private readonly handlers: JobHandlers,
  ) {}

  onModuleInit(): void {
    this.handlers.schedule('sessions.purge', AT_NIGHT, async (_payload, { signal }) => {
      const purged = await this.purge(signal);
      if (purged > 0)
        this.logger.log({ sessions: purged, msg: `deleted sessions that ended more than ${KEPT_DAYS} days ago` });
    });
  }

  /** @returns how many were deleted; what a signal leaves is done the next night */
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
