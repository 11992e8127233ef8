import { Injectable } from '@nestjs/common';
import { AuditWriter } from '../../audit/audit-writer.js';
import { entry, RequestValidationError } from '../../fastapi/errors/validation-error.js';
import type { Caller } from '../../platform/http/caller.js';
import type { User } from '../../users/user.entity.js';
import { isTaken } from '../../users/users.errors.js';
import { type AfterCreate, UsersService } from '../../users/users.service.js';
import { AccountMailQueue } from '../links/account-mail-queue.js';
import { LinkSettings } from '../links/link.settings.js';
import { PasswordRules } from '../passwords/password-rules.js';
import type { UserCreate } from './user-create.dto.js';

/** Checks a registration and creates its account; the caller applies the limits. */
@Injectable()
export class AccountCreation {
  constructor(
    private readonly users: UsersService,
    private readonly rules: PasswordRules,
    private readonly mails: AccountMailQueue,
    private readonly settings: LinkSettings,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * Checks the rules that depend on the settings, in addition to those of the body.
   *
   * @throws RequestValidationError 422 for a weak password, or a missing address with EMAIL_VERIFICATION=required
   */
  checkBody({ username, email, password }: UserCreate): void {
    if (email === null && this.settings.EMAIL_VERIFICATION === 'required') {
      const msg = 'Value error, an email address is required for verification';
      throw new RequestValidationError([
        entry(['body', 'email'], null, { type: 'value_error', msg, ctx: { error: {} } }),
      ]);
    }
    this.rules.check(password, { username, email }, 'password');
  }

  /** @throws AppError 400 if the username or the address is taken; in a race, `create` throws it */
  async requireAvailable(body: UserCreate, caller: Caller): Promise<void> {
    await this.recordRefusal(this.users.requireAvailable(body), caller);
  }

  /**
   * Creates the account and enqueues the message that verifies its address, unless EMAIL_VERIFICATION=off.
   *
   * @throws AppError 400 if the username or the address is taken
   */
  async create({ username, email }: UserCreate, passwordHash: string, caller: Caller): Promise<User> {
    const mustVerifyEmail = this.settings.EMAIL_VERIFICATION === 'required';
    const enqueueLink: AfterCreate = async (tx, user) => {
      if (user.email === null || !this.mails.needsVerification(user)) return;
      const link = { user, purpose: 'email_verification', email: user.email } as const;
      await this.mails.enqueueLink(tx, { ...link, language: this.mails.languageFor(caller) });
    };
    const account = { username, email, passwordHash, mustVerifyEmail };
    return this.recordRefusal(this.users.create(account, enqueueLink, caller), caller);
  }

  /**
   * Records a refused registration without a subject: the owner of an account sees its events, but must not learn who
   * tried to register its name.
   */
  private async recordRefusal<T>(registration: Promise<T>, caller: Caller): Promise<T> {
    try {
      return await registration;
    } catch (error) {
      if (isTaken(error)) {
        const nobody = { actorId: null, subjectId: null };
        const data = { reason: error.code };
        await this.audit.recordStandalone({
          action: 'user.registration_refused',
          outcome: 'failure',
          ...nobody,
          caller,
          data,
        });
      }
      throw error;
    }
  }
}
