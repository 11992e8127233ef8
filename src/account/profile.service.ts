import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { SessionPrincipal } from '../access/principal.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { isUniqueViolation } from '../platform/database/database-errors.js';
import { inTransaction } from '../platform/database/transaction.js';
import type { Caller } from '../platform/http/caller.js';
import { type Account, User } from '../users/user.entity.js';
import { usernameTaken } from '../users/users.errors.js';
import { UsersService } from '../users/users.service.js';
import type { UserUpdate } from './profile.dto.js';
import { RenameLimits, renameRefusedEvent } from './rename-limits.js';
import { UsernameChangedMail } from './username-changed-mail.js';

/** Reads profiles, and changes usernames and display names. */
@Injectable()
export class ProfileService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: AuditWriter,
    private readonly limits: RenameLimits,
    private readonly notice: UsernameChangedMail,
    private readonly users: UsersService,
  ) {}

  /** @returns null if the account has just been deleted */
  async find(userId: number): Promise<User | null> {
    return this.dataSource.manager.findOneBy(User, { id: userId });
  }

  /**
   * @returns the changed account; null if it has just been deleted
   * @throws AppError 400 users.username_taken; 403 auth.reauthentication_required for a new username; 429
   * users.too_many_renames
   */
  async update(principal: SessionPrincipal<Account>, wanted: UserUpdate, caller: Caller): Promise<User | null> {
    const { id, username } = principal.user;
    const change = async (): Promise<User | null> => this.changeUnlessTaken(id, wanted, caller);
    if (wanted.username === undefined) return change();
    return this.limits.admit(principal, wanted.username !== username, caller, change);
  }

  private async changeUnlessTaken(userId: number, wanted: UserUpdate, caller: Caller): Promise<User | null> {
    try {
      return await inTransaction(this.dataSource, async (tx) => this.change(tx, userId, wanted, caller));
    } catch (error) {
      // The unique index decides, because a query beforehand would leave a race.
      if (!isUniqueViolation(error)) throw error;
      await this.audit.recordStandalone({
        ...renameRefusedEvent(userId, caller),
        data: { reason: usernameTaken.code },
      });
      throw usernameTaken();
    }
  }

  private async change(tx: EntityManager, userId: number, wanted: UserUpdate, caller: Caller): Promise<User | null> {
    const user = await tx.findOne(User, { where: { id: userId }, lock: { mode: 'pessimistic_write' } });
    if (!user) return null;
    const { username = user.username, display_name: displayName = user.displayName } = wanted;
    const changed = [
      ...(username === user.username ? [] : ['username']),
      ...(displayName === user.displayName ? [] : ['display_name']),
    ];
    if (changed.length === 0) return user;
    const renamed = await this.users.rename(tx, userId, { username, displayName });
    await this.audit.record(tx, {
      action: 'user.updated',
      outcome: 'success',
      actorId: userId,
      subjectId: userId,
      caller,
      data: { fields: changed.join(' ') },
      ...(username === user.username ? {} : { personal: { username, previous_username: user.username } }),
    });
    if (username !== user.username) await this.notice.enqueue(tx, user, caller);
    return renamed;
  }
}
