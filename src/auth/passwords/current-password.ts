import { Injectable } from '@nestjs/common';
import { Audit } from '../../audit/audit.js';
import type { Caller } from '../../platform/http/caller.js';
import { UserCredentials } from '../../users/user-credentials.service.js';
import type { User } from '../../users/user.entity.js';
import { wrongPassword } from '../auth.errors.js';
import { LoginThrottle } from '../login-throttle.js';
import { PasswordHasher } from './password-hasher.js';

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
   * A wrong one is a failed try of the account's, whether it was to sign in or to do something (rows A10, A18).
   *
   * @returns the account as it was when its password was compared
   * @throws AppError 400 auth.wrong_password; 429 auth.too_many_attempts; 503 auth.overloaded
   */
  async confirm(account: { id: number; username: string }, password: string, caller: Caller): Promise<User> {
    return this.hasher.whenRoom(caller, async () => {
      const user = await this.credentials.find(account.id);
      const matches = await this.throttle.attempt({ user: account, username: account.username }, caller, async () =>
        this.hasher.verify(password, user?.passwordHash, caller),
      );
      if (user && matches) return user;
      const subject = { actorId: account.id, subjectId: account.id };
      await this.audit.recordAlone({ action: 'password.refused', outcome: 'failure', ...subject, caller });
      throw wrongPassword();
    });
  }
}
