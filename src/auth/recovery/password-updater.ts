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
  /** The session that stays open; null ends all sessions. */
  keptSession: string | null;
}

/** Applies a new password after a change or a reset: sessions, links, audit and notification. */
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
   * Sets the password after the current one was verified.
   *
   * @param confirmed the account as it was when its password was verified
   * @returns false, without a change, if the password has been changed in the meantime
   */
  async setIfUnchanged(tx: EntityManager, confirmed: User, password: NewPassword, caller: Caller): Promise<boolean> {
    const user = await this.credentials.lock(tx, confirmed.id);
    if (user?.passwordHash !== confirmed.passwordHash) return false;
    await this.set(tx, user, password, caller);
    return true;
  }

  /** Resets the counts of failed sign-ins and requested links after a reset. Call after the commit. Never throws. */
  async releaseLimits({ id, email }: Pick<User, 'id' | 'email'>): Promise<void> {
    await this.throttle.releaseAccount(id);
    if (email !== null) await this.mails.limits.releaseAll('password_reset', email);
  }

  /** Marks the address as verified: the redeemed link proves that the user reads its mailbox. */
  async markEmailVerified(tx: EntityManager, user: User, caller: Caller): Promise<void> {
    if (!(await this.credentials.markEmailVerified(tx, user))) return;
    const subject = { actorId: user.id, subjectId: user.id };
    await this.audit.record(tx, { action: 'email.verified', outcome: 'success', ...subject, caller });
  }
}
