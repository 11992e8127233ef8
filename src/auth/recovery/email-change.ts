import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SessionPrincipal } from '../../access/principal.js';
import { AuditWriter } from '../../audit/audit-writer.js';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import { UserCredentialsService } from '../../users/user-credentials.service.js';
import type { Account } from '../../users/user.entity.js';
import { emailTaken } from '../../users/users.errors.js';
import { AccountMailQueue } from '../links/account-mail-queue.js';
import { emailUnchanged } from '../links/email.errors.js';
import { wrongPassword } from '../sign-in/factors/factor.errors.js';
import { passwordAnswer } from '../sign-in/factors/password.factor.js';
import { Reauthentication } from '../sign-in/reauthentication.js';
import type { EmailChangeRequest } from './email-change-request.dto.js';

/** Handles requests to change an address. The change takes effect when the link in the message is confirmed. */
@Injectable()
export class EmailChange {
  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: UserCredentialsService,
    private readonly reauthentication: Reauthentication,
    private readonly mails: AccountMailQueue,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * @throws AppError 400 auth.wrong_password, auth.email_unchanged or users.email_taken; 429 auth.too_many_attempts or
   * auth.too_many_messages, which also limits how many addresses a client can probe; 503 auth.overloaded
   */
  async request(
    principal: SessionPrincipal<Account>,
    { email, current_password }: EmailChangeRequest,
    caller: Caller,
  ): Promise<void> {
    const { user: account } = principal;
    const { passwordHash } = await this.reauthentication.confirm(principal, passwordAnswer(current_password), caller);
    await this.mails.limits.reserveEmailChange(account.id, caller);
    await this.mails.limits.limitEnumeration(caller, async () => {
      const owner = await this.credentials.findByEmail(email);
      if (owner && owner.id !== account.id) throw emailTaken();
    });
    await inTransaction(this.dataSource, async (tx) => {
      const user = await this.credentials.lock(tx, account.id);
      // The password was changed while it was verified.
      if (user?.passwordHash !== passwordHash) throw wrongPassword();
      if (user.email === email) throw emailUnchanged();
      const language = this.mails.languageFor(caller);
      await this.mails.enqueueLink(tx, { user, purpose: 'email_change', email, language });
      await this.audit.record(tx, {
        action: 'email.change_requested',
        outcome: 'success',
        actorId: user.id,
        subjectId: user.id,
        caller,
        personal: { to: email },
      });
    });
  }
}
