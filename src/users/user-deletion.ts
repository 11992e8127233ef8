import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { JobQueue } from '../jobs/job-queue.js';
import { constraintOf, isForeignKeyViolation } from '../platform/database/database-errors.js';
import { User } from './user.entity.js';
import { accountReferenced, lastSuperuser } from './users.errors.js';
import { CHECK_CONSTRAINTS } from './users.sql.js';

/** Deletes accounts. Foreign keys decide what is deleted with them. */
@Injectable()
export class UserDeletion {
  private readonly logger = new Logger('Users');

  constructor(private readonly jobs: JobQueue) {}

  /**
   * Locks the account until the end of the transaction. For a superuser it locks all superusers in the order of their
   * ids, so that each of several concurrent deletions sees the others.
   *
   * @returns null if the account has just been deleted
   * @throws AppError 409 users.last_superuser
   */
  async lock(tx: EntityManager, userId: number): Promise<User | null> {
    if (await tx.existsBy(User, { id: userId, isSuperuser: true })) await refuseLastSuperuser(tx, userId);
    return tx.findOne(User, { where: { id: userId }, lock: { mode: 'pessimistic_write' } });
  }

  /**
   * Deletes the account and its waiting or failed jobs.
   *
   * @throws AppError 409 users.referenced if rows of another application refer to the account with a foreign key
   */
  async delete(tx: EntityManager, userId: number): Promise<void> {
    await this.jobs.cancelFor(tx, userId);
    try {
      await tx.delete(User, { id: userId });
      await tx.query(CHECK_CONSTRAINTS.text);
    } catch (error) {
      if (!isForeignKeyViolation(error)) throw error;
      const { table, constraint } = constraintOf(error);
      this.logger.warn(`account ${userId} cannot be deleted: rows of ${table} refer to it (${constraint})`);
      throw accountReferenced({ cause: error });
    }
  }
}

async function refuseLastSuperuser(tx: EntityManager, userId: number): Promise<void> {
  const superusers = await tx.find(User, {
    select: { id: true },
    where: [
      { isSuperuser: true, isActive: true },
      { isSuperuser: true, id: userId },
    ],
    order: { id: 'ASC' },
    lock: { mode: 'pessimistic_write' },
  });
  if (!superusers.some(({ id }) => id !== userId)) throw lastSuperuser();
}
