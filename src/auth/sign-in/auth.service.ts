import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import type { User } from '../../users/user.entity.js';
import { AuthMetrics } from './auth-metrics.js';
import { invalidCredentials } from './sign-in.errors.js';
import { CredentialCheck, type Credentials } from './credential-check.js';
import { type SignedIn, SignIns, type Verified } from './sign-ins.js';

/** Sign-in. */
@Injectable()
export class AuthService {
  constructor(
    private readonly check: CredentialCheck,
    private readonly signIns: SignIns,
    private readonly metrics: AuthMetrics,
  ) {}

  /**
   * @param replaced as for `open`
   * @throws AppError as `verifyCredentials`
   */
  async signIn(credentials: Credentials, caller: Caller, replaced?: readonly string[]): Promise<SignedIn> {
    return this.open(await this.verifyCredentials(credentials, caller), credentials, caller, replaced);
  }

  /**
   * Opens the session of somebody whose password has been verified. Where the account has changed while it was, the
   * password is tried once more: it may be an old one by now, or the same under a new hash.
   *
   * @param replaced the sessions whose refresh cookies the sign-in replaces: they end
   * @throws AppError as `verifyCredentials`
   */
  async open(
    user: Verified,
    credentials: Credentials,
    caller: Caller,
    replaced?: readonly string[],
  ): Promise<SignedIn> {
    const opened =
      (await this.signIns.open(user, caller, replaced)) ??
      (await this.signIns.open(await this.verifyCredentials(credentials, caller), caller, replaced));
    if (!opened) throw invalidCredentials();
    return opened;
  }

  /** @throws AppError as `CredentialCheck.verify` */
  async verifyCredentials(credentials: Credentials, caller: Caller): Promise<User> {
    return this.metrics.login(this.check.verify(credentials, caller));
  }
}
