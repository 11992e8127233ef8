import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { SessionPrincipal } from '../access/principal.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { wrongPassword } from '../auth/sign-in/factors/factor.errors.js';
import { passwordAnswer } from '../auth/sign-in/factors/password.factor.js';
import { Reauthentication } from '../auth/sign-in/reauthentication.js';
import { invalidToken } from '../fastapi/errors/fastapi.errors.js';
import { inTransaction } from '../platform/database/transaction.js';
import type { Caller } from '../platform/http/caller.js';
import { UserDeletion } from '../users/user-deletion.js';
import type { User } from '../users/user.entity.js';
import { DeletionNotices } from './deletion-notices.js';

/** A second attempt, in case a concurrent sign-in stores another hash of the same password. */
const MAX_ATTEMPTS = 2;

/** Deletes accounts at the request of their owners. */
@Injectable()
export class AccountDeletion {
  constructor(
    private readonly dataSource: DataSource,
    private readonly reauthentication: Reauthentication,
    private readonly users: UserDeletion,
    private readonly audit: AuditWriter,
    private readonly notices: DeletionNotices,
  ) {}

  /**
   * Deletes the account and everything that belongs to it in one transaction. Foreign keys delete its sessions and
   * one-time tokens. The audit log still records that an account with this id existed and was deleted.
   *
   * @throws AppError 400 auth.wrong_password; 409 users.last_superuser, users.referenced; 429 auth.too_many_attempts
   */
  async delete(principal: SessionPrincipal, password: string, caller: Caller): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const confirmed = await this.reauthentication.confirm(principal, passwordAnswer(password), caller);
      if (await inTransaction(this.dataSource, async (tx) => this.deleteConfirmed(tx, confirmed, caller))) return;
    }
    throw wrongPassword();
  }

  /** @returns false, without deleting anything, if the password hash has changed since it was compared */
  private async deleteConfirmed(tx: EntityManager, { id, passwordHash }: User, caller: Caller): Promise<boolean> {
    const user = await this.users.lock(tx, id);
    if (!user) throw invalidToken();
    if (user.passwordHash !== passwordHash) return false;
    await this.deleteAccount(tx, user, caller);
    return true;
  }

  private async deleteAccount(tx: EntityManager, user: User, caller: Caller): Promise<void> {
    const { id: userId } = user;
    await this.audit.record(tx, {
      action: 'user.deleted',
      outcome: 'success',
      actorId: userId,
      subjectId: userId,
      caller,
    });
    const recipients = await this.notices.findRecipients(tx, user);
    await this.users.delete(tx, userId);
    await this.notices.enqueue(tx, user, recipients, caller);
    // Last, so that it also erases the event above and the last events of the sessions.
    await this.audit.erase(tx, userId);
  }
}
