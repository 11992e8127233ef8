import { Injectable } from '@nestjs/common';
import { Audit } from '../../audit/audit.js';
import type { Caller } from '../../platform/http/caller.js';
import type { User } from '../../users/user.entity.js';
import { UsersService } from '../../users/users.service.js';
import { invalidCredentials } from './sign-in.errors.js';
import { LoginThrottle } from './login-throttle.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { SignInAdmission } from './sign-in-admission.js';

/** Credentials as typed: texts of any length. */
export interface Credentials {
  username: string;
  password: string;
}

/** Whether a name and a password are those of an account that may be used. */
@Injectable()
export class CredentialCheck {
  constructor(
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly throttle: LoginThrottle,
    private readonly admission: SignInAdmission,
    private readonly audit: Audit,
  ) {}

  /**
   * @throws AppError 401, the same for an unknown name and a wrong password and after the same time (rows A13, A14); 400
   * for a disabled account and 403 for an address that has to be verified first, only to who knows the password; 429
   * auth.too_many_attempts; 503 auth.overloaded
   */
  async verify(credentials: Credentials, caller: Caller): Promise<User> {
    return this.hasher.whenRoom(caller, async () => this.compare(credentials, caller));
  }

  private async compare({ username, password }: Credentials, caller: Caller): Promise<User> {
    const { user, folded } = await this.users.findByUsername(username);
    const matches = await this.throttle.attempt({ user, username: folded }, caller, async () =>
      this.hasher.verify(password, user?.passwordHash, caller),
    );
    const refusal = user && matches ? this.admission.refusalOf(user) : undefined;
    if (user && matches && !refusal) return this.admission.raiseCost(user, password, caller);
    await this.recordFailure(user, refusal?.reason ?? 'wrong_password', caller);
    throw (refusal?.error ?? invalidCredentials)();
  }

  /** Not the name that was typed where nobody has it: people type passwords into the wrong field. */
  private async recordFailure(user: User | null, reason: string, caller: Caller): Promise<void> {
    await this.audit.recordAlone({
      action: 'login.failed',
      outcome: 'failure',
      actorId: null,
      subjectId: user?.id ?? null,
      caller,
      data: { reason: user ? reason : 'unknown_name' },
    });
  }
}
