import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import type { User } from '../../users/user.entity.js';
import { UsersService } from '../../users/users.service.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { AuthMetrics } from './auth-metrics.js';
import type { FirstProof } from './factors/factor.js';
import { PASSWORD_PROOF } from './factors/password.factor.js';
import { SignInPolicy } from './sign-in.policy.js';

/** Credentials as typed: texts of any length. */
export interface Credentials {
  username: string;
  password: string;
}

/** Identifies an account by its name and proves its password, as the first factor of a sign-in. */
@Injectable()
export class PasswordSignIn {
  constructor(
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly policy: SignInPolicy,
    private readonly metrics: AuthMetrics,
  ) {}

  /**
   * An unknown name and a wrong password get the same answer after the same time.
   *
   * @throws AppError as `SignInPolicy.admit`; 503 auth.overloaded
   */
  async identify(credentials: Credentials, caller: Caller): Promise<FirstProof> {
    const user = await this.metrics.login(this.hasher.whenRoom(caller, async () => this.compare(credentials, caller)));
    return { ...PASSWORD_PROOF, user, repeat: async () => this.identify(credentials, caller) };
  }

  private async compare({ username, password }: Credentials, caller: Caller): Promise<User> {
    const account = await this.users.findByUsername(username);
    return this.policy.admit(account, password, caller, async () =>
      this.hasher.verify(password, account.user?.passwordHash, caller),
    );
  }
}
