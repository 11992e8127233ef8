import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../platform/http/caller.js';
import type { User } from '../../../users/user.entity.js';
import { PasswordHasher } from '../../passwords/password-hasher.js';
import { wrongPassword } from './factor.errors.js';
import { type Factor, type FactorAnswer, type FactorRequest, type Proof, SignInFactor } from './factor.js';

/** The proof of a correct password. */
export const PASSWORD_PROOF = { factor: 'password', kind: 'knowledge', amr: 'pwd' } as const satisfies Proof;

/** The answer that proves the password factor. */
export function passwordAnswer(password: string): FactorAnswer {
  return { factor: PASSWORD_PROOF.factor, answer: password };
}

/** The password as a factor. */
@SignInFactor(PASSWORD_PROOF.factor)
@Injectable()
export class PasswordFactor implements Factor {
  readonly kind = PASSWORD_PROOF.kind;
  readonly amr = PASSWORD_PROOF.amr;
  readonly wrongAnswer = { error: wrongPassword, action: 'password.refused' } as const;

  constructor(private readonly hasher: PasswordHasher) {}

  async isEnrolled({ passwordHash }: User): Promise<boolean> {
    return this.hasher.isUsable(passwordHash);
  }

  async verify({ user, caller }: FactorRequest, answer: unknown): Promise<boolean> {
    return typeof answer === 'string' && this.hasher.verify(answer, user.passwordHash, caller);
  }

  async withCapacity<Result>(caller: Caller, work: () => Promise<Result>): Promise<Result> {
    return this.hasher.withCapacity(caller, work);
  }
}
