import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Audit } from '../../audit/audit.js';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import { UserCredentials } from '../../users/user-credentials.service.js';
import { OneTimeTokens } from '../one-time-tokens/one-time-tokens.service.js';
import { AccountMails } from './account-mails.js';

/** What the links do that prove an address. Neither signs anybody in. */
@Injectable()
export class EmailLinks {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: OneTimeTokens,
    private readonly credentials: UserCredentials,
    private readonly mails: AccountMails,
    private readonly audit: Audit,
  ) {}

  /**
   * The address of an account is read by its owner, who is welcome now.
   *
   * @throws AppError 400 auth.invalid_link
   */
  async verify(token: string, caller: Caller): Promise<void> {
    await inTransaction(this.dataSource, async (tx) => {
      const { user } = await this.tokens.redeem(tx, 'email_verification', token);
      if (!(await this.credentials.markEmailVerified(tx, user))) return;
      await this.audit.record(tx, {
        action: 'email.verified',
        outcome: 'success',
        actorId: user.id,
        subjectId: user.id,
        caller,
      });
      await this.mails.sendNotice(tx, 'welcome', user, caller);
    });
  }

  /**
   * The account has the new address from now on, the former one is told, and every other link is dead. Its sessions go on:
   * who asked for the change knew the password, which a thief of a session does not.
   *
   * @throws AppError 400 auth.invalid_link; 400 users.email_taken when another account has got the address meanwhile
   */
  async confirmChange(token: string, caller: Caller): Promise<void> {
    await inTransaction(this.dataSource, async (tx) => {
      const { user, email } = await this.tokens.redeem(tx, 'email_change', token);
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
      if (user.email !== null) await this.mails.sendFarewell(tx, { userId: user.id, email: user.email }, caller);
    });
  }
}
