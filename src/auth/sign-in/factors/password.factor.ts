import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../platform/http/caller.js';
import type { User } from '../../../users/user.entity.js';
import { UsersService } from '../../../users/users.service.js';
import { PasswordHasher } from '../../passwords/password-hasher.js';
import { AuthMetrics } from '../auth-metrics.js';
import { wrongPassword } from '../sign-in.errors.js';
import { SignInPolicy } from '../sign-in.policy.js';
import { type Factor, type FactorAnswer, type FactorRequest, type FirstProof, SignInFactor } from './factor.js';

const PASSWORD = 'password';

/** Credentials as typed: texts of any length. */
export interface Credentials {
  username: string;
  password: string;
}

/** The current password as the answer of a signed-in user. */
export function passwordAnswer(password: string): FactorAnswer {
  return { factor: PASSWORD, answer: password };
}

/** The password, and the one factor that identifies an account by a name. */
@SignInFactor(PASSWORD)
@Injectable()
export class PasswordFactor implements Factor {
  readonly kind = 'knowledge';
  readonly amr = 'pwd';
  readonly wrongAnswer = { error: wrongPassword, action: 'password.refused' } as const;

  constructor(
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly policy: SignInPolicy,
    private readonly metrics: AuthMetrics,
  ) {}

  /**
   * Proves a name and its password. An unknown name and a wrong password get the same answer after the same time.
   *
   * @throws AppError 401 auth.invalid_credentials; as `SignInPolicy.admit`; 503 auth.overloaded
   */
  async identify(credentials: Credentials, caller: Caller): Promise<FirstProof> {
    const user = await this.metrics.login(
      this.whenRoom(caller, async () => {
        const account = await this.users.findByUsername(credentials.username);
        const { user: found } = account;
        return this.policy.admit(account, credentials.password, caller, async () =>
          this.hasher.verify(credentials.password, found?.passwordHash, caller),
        );
      }),
    );
    const { kind, amr } = this;
    return { factor: PASSWORD, kind, amr, user, repeat: async () => this.identify(credentials, caller) };
  }

  async isEnrolled({ passwordHash }: User): Promise<boolean> {
    return this.hasher.isUsable(passwordHash);
  }

  async verify({ user, caller }: FactorRequest, answer: unknown): Promise<boolean> {
    return typeof answer === 'string' && this.hasher.verify(answer, user.passwordHash, caller);
  }

  async whenRoom<Result>(caller: Caller, work: () => Promise<Result>): Promise<Result> {
    return this.hasher.whenRoom(caller, work);
  }
}
