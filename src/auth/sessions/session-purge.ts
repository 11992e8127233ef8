import { Injectable, Logger } from '@nestjs/common';
import { DataSource, MoreThan, type Repository } from 'typeorm';
import type { JobPayload } from '../../jobs/job-queue.js';
import type { JobContext } from '../../jobs/job-registry.js';
import { Scheduled } from '../../jobs/job.decorators.js';
import { Session } from './session.entity.js';

/** How long a device of an account is remembered after its last session, and a reuse can be investigated. */
const RETENTION_DAYS = 30;
const BATCH_SIZE = 2000;
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
      this.logger.log({ sessions: purged, msg: `deleted sessions that ended more than ${RETENTION_DAYS} days ago` });
  }

  /**
   * Deletes in small statements. Ids are in the order of time and never change, so each row is examined once.
   *
   * @param signal stops it after a statement; the next night does the rest
   * @returns how many were deleted
   */
  async purge(signal: AbortSignal, rowsAStep = BATCH_SIZE): Promise<number> {
    const sessions = this.dataSource.getRepository(Session);
    let purged = 0;
    for (let last: string | undefined = BEFORE_ALL; last !== undefined && !signal.aborted;) {
      const end: string | undefined = await findBatchEnd(sessions, last, rowsAStep);
      purged += await deleteBetween(sessions, last, end);
      last = end;
    }
    return purged;
  }
}

/** The id of the last row of a step; undefined if fewer rows are left. */
async function findBatchEnd(sessions: Repository<Session>, last: string, rows: number): Promise<string | undefined> {
  const end = await sessions.find({
    select: { id: true },
    where: { id: MoreThan(last) },
    order: { id: 'ASC' },
    skip: rows - 1,
    take: 1,
  });
  return end[0]?.id;
}

async function deleteBetween(sessions: Repository<Session>, last: string, end: string | undefined): Promise<number> {
  const query = sessions
    .createQueryBuilder()
    .delete()
    .where('id > :last', { last })
    .andWhere("LEAST(COALESCE(endedAt, 'infinity'), idleExpiresAt, expiresAt) < now() - make_interval(days => :days)", {
      days: RETENTION_DAYS,
    });
  if (end !== undefined) query.andWhere('id <= :end', { end });
  const { affected } = await query.execute();
  return affected ?? 0;
}
