import { Injectable } from '@nestjs/common';
import { entry, RequestValidationError } from '../fastapi/validation/validation-error.js';
import { Environment } from '../platform/config/environment.js';
import type { Caller } from '../platform/http/caller.js';
import type { User } from '../users/user.entity.js';
import { type AlsoDone, UsersService } from '../users/users.service.js';
import { AccountMails } from './email/account-mails.js';
import { PasswordRules } from './passwords/password-rules.js';
import type { UserCreate } from './user-create.dto.js';

/** What becomes of a registration that nothing stands against, whoever sent it and however often. */
@Injectable()
export class AccountCreation {
  constructor(
    private readonly users: UsersService,
    private readonly rules: PasswordRules,
    private readonly mails: AccountMails,
    private readonly environment: Environment,
  ) {}

  /**
   * What the settings ask for beside the rules of the body.
   *
   * @throws RequestValidationError 422 for a password that is too weak, and for no address where it has to be verified
   */
  checkBody({ username, email, password }: UserCreate): void {
    if (email === null && this.environment.EMAIL_VERIFICATION === 'required') {
      const msg = 'Value error, an email address is required, which has to be verified';
      throw new RequestValidationError([
        entry(['body', 'email'], null, { type: 'value_error', msg, ctx: { error: {} } }),
      ]);
    }
    this.rules.check(password, { username, email }, 'password');
  }

  /** @throws AppError 400 when the name or the address is taken; which one comes first decides the database in `create` */
  async refuseTaken(body: UserCreate): Promise<void> {
    await this.users.refuseTaken(body);
  }

  /**
   * Makes the account. Under EMAIL_VERIFICATION=off nobody is written to: an address is then what it always was, a text
   * that somebody gave.
   *
   * @throws AppError 400 when the name or the address is taken
   */
  async create({ username, email }: UserCreate, passwordHash: string, caller: Caller): Promise<User> {
    const mustVerifyEmail = this.environment.EMAIL_VERIFICATION === 'required';
    const orderLink: AlsoDone = async (tx, user) => {
      if (user.email === null || !this.mails.asksToVerify(user)) return;
      const link = { user, purpose: 'email_verification', email: user.email } as const;
      await this.mails.sendLink(tx, { ...link, language: this.mails.languageFor(caller) });
    };
    return this.users.create({ username, email, passwordHash, mustVerifyEmail }, orderLink, caller);
  }
}
