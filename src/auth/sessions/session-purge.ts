import { Injectable, Logger } from '@nestjs/common';
import { DataSource, MoreThan, type Repository } from 'typeorm';
import type { JobPayload } from '../../jobs/job-queue.js';
import type { JobContext } from '../../jobs/job-registry.js';
import { Scheduled } from '../../jobs/job.decorators.js';
import { Session } from './session.entity.js';

/** For this time after the end of a session, its device is known and a reuse of its tokens can be investigated. */
const RETENTION_DAYS = 30;
const BATCH_SIZE = 2000;
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

/** Deletes sessions that ended more than 30 days ago. */
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
   * Deletes in batches. Ids are ordered by time and never change, so each row is examined once.
   *
   * @param signal stops the purge after a batch; the next run continues
   * @returns the number of deleted sessions
   */
  async purge(signal: AbortSignal, batchSize = BATCH_SIZE): Promise<number> {
    const sessions = this.dataSource.getRepository(Session);
    let purged = 0;
    for (let last: string | undefined = LOWEST_ID; last !== undefined && !signal.aborted;) {
      const end: string | undefined = await findBatchEnd(sessions, last, batchSize);
      purged += await deleteBetween(sessions, last, end);
      last = end;
    }
    return purged;
  }
}

/** The id of the last row of a batch; undefined if fewer rows are left. */
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
