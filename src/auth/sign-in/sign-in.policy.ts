import { Injectable } from '@nestjs/common';
import { AuditWriter } from '../../audit/audit-writer.js';
import type { Caller } from '../../platform/http/caller.js';
import type { ErrorType } from '../../platform/http/error-catalogue.js';
import type { User } from '../../users/user.entity.js';
import type { NamedAccount } from '../../users/users.service.js';
import { emailNotVerified } from '../links/email.errors.js';
import { LinkSettings } from '../links/link.settings.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import type { Factor, FactorName } from './factors/factor.js';
import { LoginThrottle } from './login-throttle.js';
import { PasswordRehash } from './password-rehash.js';
import { inactiveUser, invalidCredentials } from './sign-in.errors.js';

/** A refused sign-in: the error of the response and the data of the audit event. */
interface Refusal {
  error: ErrorType;
  data: { reason: string; factor?: FactorName };
}

const UNKNOWN_NAME: Refusal = { error: invalidCredentials, data: { reason: 'unknown_name' } };
const WRONG_PASSWORD: Refusal = { error: invalidCredentials, data: { reason: 'wrong_password' } };

/** Applies limits, account state, audit and rehashing to the verification of a factor at sign-in. */
@Injectable()
export class SignInPolicy {
  constructor(
    private readonly settings: LinkSettings,
    private readonly throttle: LoginThrottle,
    private readonly hasher: PasswordHasher,
    private readonly rehash: PasswordRehash,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * Verifies a password within the limits and checks that the account may sign in. A correct password releases its slots
   * in the limits.
   *
   * @returns the account with its current hash
   * @throws AppError 401 auth.invalid_credentials; 429 auth.too_many_attempts; with a correct password 400
   * auth.inactive_user or 403 auth.email_not_verified
   */
  async admitPassword(
    { user, folded }: NamedAccount,
    password: string,
    caller: Caller,
    verify: () => Promise<boolean>,
  ): Promise<User> {
    const isCorrect = await this.throttle.attemptSignIn({ user, username: folded }, caller, verify);
    if (!user) throw await this.recordRefusal(null, UNKNOWN_NAME, caller);
    const refusal = isCorrect ? this.findRefusal(user) : WRONG_PASSWORD;
    if (refusal) throw await this.recordRefusal(user, refusal, caller);
    return this.hasher.isOutdated(user.passwordHash) ? this.rehash.rehash(user, password, caller) : user;
  }

  /**
   * Verifies the answer to a challenge within the limits and checks that the account may sign in.
   *
   * @throws AppError the factor's error for a wrong answer; otherwise the errors of `admitPassword`
   */
  async admitFactor(
    user: User,
    [name, factor]: readonly [FactorName, Factor],
    caller: Caller,
    verify: () => Promise<boolean>,
  ): Promise<void> {
    const isCorrect = await this.throttle.attemptFactor(user.id, caller, verify);
    const wrongAnswer = { error: factor.wrongAnswer.error, data: { reason: 'wrong_factor', factor: name } };
    const refusal = isCorrect ? this.findRefusal(user) : wrongAnswer;
    if (refusal) throw await this.recordRefusal(user, refusal, caller);
  }

  private findRefusal({ isActive, mustVerifyEmail, emailVerifiedAt }: User): Refusal | undefined {
    if (!isActive) return { error: inactiveUser, data: { reason: 'inactive' } };
    const isUnverified = mustVerifyEmail && emailVerifiedAt === null && this.settings.EMAIL_VERIFICATION === 'required';
    return isUnverified ? { error: emailNotVerified, data: { reason: 'unverified' } } : undefined;
  }

  /** Does not record the name of the request, because people type passwords into the wrong field. */
  private async recordRefusal(user: User | null, { error, data }: Refusal, caller: Caller): Promise<Error> {
    const subject = { actorId: null, subjectId: user?.id ?? null };
    await this.audit.recordStandalone({ action: 'login.failed', outcome: 'failure', ...subject, caller, data });
    return error();
  }
}
