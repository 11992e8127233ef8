import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { constraintOf, isForeignKeyViolation } from '../platform/database/database-errors.js';
import { Jobs } from '../jobs/jobs.js';
import { User } from './user.entity.js';
import { accountReferenced, lastSuperuser } from './users.errors.js';

/** Takes accounts out of the table `users`; what hangs on them by foreign keys goes or stays as each key says. */
@Injectable()
export class UserRemoval {
  private readonly logger = new Logger('Users');

  constructor(private readonly jobs: Jobs) {}

  /**
   * Locks the account until the end of the transaction, and with a superuser all of them, in the order of their ids: of
   * several that leave at the same moment each sees what the others have done (row A85).
   *
   * @returns null when the account has just been deleted
   * @throws AppError 409 users.last_superuser
   */
  async lock(tx: EntityManager, userId: number): Promise<User | null> {
    if (await tx.existsBy(User, { id: userId, isSuperuser: true })) await refuseLastSuperuser(tx, userId);
    return tx.findOne(User, { where: { id: userId }, lock: { mode: 'pessimistic_write' } });
  }

  /**
   * Deletes the row, and the jobs of the account that wait or have failed.
   *
   * @throws AppError 409 users.referenced if rows of another application refer to the account and keep it from being
   * deleted
   */
  async remove(tx: EntityManager, userId: number): Promise<void> {
    await this.jobs.cancelFor(tx, userId);
    try {
      await tx.delete(User, { id: userId });
      // Keys that are checked at the commit would fail where nobody can tell why.
      await tx.query('SET CONSTRAINTS ALL IMMEDIATE');
    } catch (error) {
      if (!isForeignKeyViolation(error)) throw error;
      const { table, constraint } = constraintOf(error);
      this.logger.warn(`account ${userId} cannot be deleted: rows of ${table} refer to it (${constraint})`);
      throw accountReferenced({ cause: error });
    }
  }
}

async function refuseLastSuperuser(tx: EntityManager, userId: number): Promise<void> {
  const others = await tx.query<{ id: number }[]>(
    'SELECT id, is_active FROM users WHERE is_superuser AND (is_active OR id = $1) ORDER BY id FOR UPDATE',
    [userId],
  );
  if (!others.some(({ id }) => id !== userId)) throw lastSuperuser();
}
