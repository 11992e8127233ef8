import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditWriter } from '../../audit/audit-writer.js';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import { UserCredentialsService } from '../../users/user-credentials.service.js';
import { AccountMailQueue } from '../links/account-mail-queue.js';
import { OneTimeTokensService } from '../links/one-time-tokens.service.js';

/** Redeems links that verify an address. They do not sign the user in, and a second click has no effect. */
@Injectable()
export class EmailVerification {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: OneTimeTokensService,
    private readonly credentials: UserCredentialsService,
    private readonly mails: AccountMailQueue,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * Marks the address of an account as verified and enqueues a welcome message.
   *
   * @throws AppError 400 auth.invalid_link
   */
  async verifyEmail(token: string, caller: Caller): Promise<void> {
    await inTransaction(this.dataSource, async (tx) => {
      const { user, isRepeat } = await this.tokens.redeem(tx, 'email_verification', token);
      if (isRepeat || !(await this.credentials.markEmailVerified(tx, user))) return;
      await this.audit.record(tx, {
        action: 'email.verified',
        outcome: 'success',
        actorId: user.id,
        subjectId: user.id,
        caller,
      });
      await this.mails.enqueueNotice(tx, 'welcome', user, caller);
    });
  }

  /**
   * Changes the address of an account, notifies the former address and revokes every other link. Sessions stay valid,
   * because the change was requested with the password, which the thief of a session does not know.
   *
   * @throws AppError 400 auth.invalid_link; 400 users.email_taken if another account has taken the address
   */
  async confirmEmailChange(token: string, caller: Caller): Promise<void> {
    await inTransaction(this.dataSource, async (tx) => {
      const { user, email, isRepeat } = await this.tokens.redeem(tx, 'email_change', token);
      if (isRepeat) return;
      await this.credentials.changeEmail(tx, user.id, email);
      await this.mails.revokeLinks(tx, user.id);
      await this.audit.record(tx, {
        action: 'email.changed',
        outcome: 'success',
        actorId: user.id,
        subjectId: user.id,
        caller,
        personal: { from: user.email, to: email },
      });
      if (user.email === null) return;
      const wasVerified = user.emailVerifiedAt !== null;
      await this.mails.enqueueAddressNotice(tx, { userId: user.id, email: user.email, wasVerified }, caller);
    });
  }
}
