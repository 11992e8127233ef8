import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { UsersService } from '../../users/users.service.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { AuthMetrics } from './auth-metrics.js';
import type { FirstProof } from './factors/factor.js';
import { PASSWORD_PROOF } from './factors/password.factor.js';
import { SignInPolicy } from './sign-in.policy.js';

/** Credentials as the client sent them, of any length. */
export interface Credentials {
  username: string;
  password: string;
}

/** Starts a sign-in with a username and a password. */
@Injectable()
export class PasswordSignIn {
  constructor(
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly policy: SignInPolicy,
    private readonly metrics: AuthMetrics,
  ) {}

  /**
   * Verifies credentials. An unknown name and a wrong password get the same response after the same time.
   *
   * @throws AppError 401 auth.invalid_credentials; 503 auth.overloaded; errors of `SignInPolicy.admitPassword`
   */
  async verify(credentials: Credentials, caller: Caller): Promise<FirstProof> {
    const user = await this.metrics.countLogin(
      this.hasher.withCapacity(caller, async () => {
        const account = await this.users.findByUsername(credentials.username);
        const { user: found } = account;
        return this.policy.admitPassword(account, credentials.password, caller, async () =>
          this.hasher.verify(credentials.password, found?.passwordHash, caller),
        );
      }),
    );
    return { ...PASSWORD_PROOF, user, reverify: async () => this.verify(credentials, caller) };
  }
}
