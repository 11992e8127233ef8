import { Injectable } from '@nestjs/common';
import type { SessionPrincipal } from '../../access/principal.js';
import { Audit } from '../../audit/audit.js';
import type { Caller } from '../../platform/http/caller.js';
import { UserCredentials } from '../../users/user-credentials.service.js';
import type { Account, User } from '../../users/user.entity.js';
import { wrongPassword } from './sign-in.errors.js';
import { LoginThrottle } from './login-throttle.js';
import { PasswordHasher } from '../passwords/password-hasher.js';

/** Asks somebody who is signed in for the password again, before what only its owner may do to an account. */
@Injectable()
export class CurrentPassword {
  constructor(
    private readonly credentials: UserCredentials,
    private readonly hasher: PasswordHasher,
    private readonly throttle: LoginThrottle,
    private readonly audit: Audit,
  ) {}

  /**
   * A wrong one counts toward the session's own budget, which nobody without the session can spend.
   *
   * @returns the account as it was when its password was compared
   * @throws AppError 400 auth.wrong_password; 429 auth.too_many_attempts; 503 auth.overloaded
   */
  async confirm(
    { user: account, sessionId }: SessionPrincipal<Account>,
    password: string,
    caller: Caller,
  ): Promise<User> {
    return this.hasher.whenRoom(caller, async () => {
      const user = await this.credentials.find(account.id);
      const session = { userId: account.id, sessionId };
      const matches = await this.throttle.confirm(session, caller, async () =>
        this.hasher.verify(password, user?.passwordHash, caller),
      );
      if (user && matches) return user;
      const subject = { actorId: account.id, subjectId: account.id };
      await this.audit.recordAlone({ action: 'password.refused', outcome: 'failure', ...subject, caller });
      throw wrongPassword();
    });
  }
}
