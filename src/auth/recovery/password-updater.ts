import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditWriter } from '../../audit/audit-writer.js';
import type { Caller } from '../../platform/http/caller.js';
import { UserCredentialsService } from '../../users/user-credentials.service.js';
import type { User } from '../../users/user.entity.js';
import { AccountMailQueue } from '../links/account-mail-queue.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { LoginThrottle } from '../sign-in/login-throttle.js';

interface NewPassword {
  hash: string;
  reason: 'password_changed' | 'password_reset';
  /** The session that goes on; null ends all of them. */
  keptSession: string | null;
}

/** What belongs to another password, whichever way somebody got to set it. */
@Injectable()
export class PasswordUpdater {
  constructor(
    private readonly credentials: UserCredentialsService,
    private readonly sessions: SessionsService,
    private readonly mails: AccountMailQueue,
    private readonly audit: AuditWriter,
    private readonly throttle: LoginThrottle,
  ) {}

  /**
   * Sets the password, ends sessions, revokes links and notifies the owner.
   *
   * @param user locked by the transaction
   */
  async set(tx: EntityManager, user: User, { hash, reason, keptSession }: NewPassword, caller: Caller): Promise<void> {
    await this.credentials.setPassword(tx, user.id, hash);
    await this.mails.revokeLinks(tx, user.id);
    const by = { actorId: user.id, caller };
    const ended = await this.sessions.revokeAllFor(tx, user.id, { except: keptSession, reason, by });
    await this.audit.record(tx, {
      action: reason === 'password_reset' ? 'password.reset' : 'password.changed',
      outcome: 'success',
      actorId: user.id,
      subjectId: user.id,
      sessionId: keptSession,
      caller,
      data: { sessions_ended: ended },
    });
    await this.mails.enqueueNotice(tx, 'password-changed', user, caller);
  }

  /**
   * The same for who has just given the current password.
   *
   * @param confirmed the account as it was when its password was compared
   * @returns false, and nothing is done, when that password is the current one no longer
   */
  async setIfUnchanged(tx: EntityManager, confirmed: User, password: NewPassword, caller: Caller): Promise<boolean> {
    const user = await this.credentials.lock(tx, confirmed.id);
    if (user?.passwordHash !== confirmed.passwordHash) return false;
    await this.set(tx, user, password, caller);
    return true;
  }

  /** After a reset by link, failed sign-ins and requested links count from zero. Outside the transaction; never throws. */
  async releaseLimits({ id, email }: Pick<User, 'id' | 'email'>): Promise<void> {
    await this.throttle.releaseAccount(id);
    if (email !== null) await this.mails.limits.releaseAll('password_reset', email);
  }

  /** Redeeming a link to set a password proves that the user reads the account's address. */
  async markEmailVerified(tx: EntityManager, user: User, caller: Caller): Promise<void> {
    if (!(await this.credentials.markEmailVerified(tx, user))) return;
    const subject = { actorId: user.id, subjectId: user.id };
    await this.audit.record(tx, { action: 'email.verified', outcome: 'success', ...subject, caller });
  }
}
