import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SessionPrincipal } from '../access/principal.js';
import { PasswordHasher } from '../auth/passwords/password-hasher.js';
import { PasswordRules } from '../auth/passwords/password-rules.js';
import { PasswordUpdater } from '../auth/recovery/password-updater.js';
import { wrongPassword } from '../auth/sign-in/factors/factor.errors.js';
import { passwordAnswer } from '../auth/sign-in/factors/password.factor.js';
import { Reauthentication } from '../auth/sign-in/reauthentication.js';
import { inTransaction } from '../platform/database/transaction.js';
import type { Caller } from '../platform/http/caller.js';
import type { Account } from '../users/user.entity.js';
import type { PasswordChangeRequest } from './password-change.dto.js';

/** A second attempt, in case a concurrent sign-in rehashes the same password at a higher cost. */
const MAX_ATTEMPTS = 2;

/** Changes the password of a signed-in user who knows the current one. */
@Injectable()
export class PasswordChange {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rules: PasswordRules,
    private readonly reauthentication: Reauthentication,
    private readonly hasher: PasswordHasher,
    private readonly passwords: PasswordUpdater,
  ) {}

  /**
   * Changes the password and ends all other sessions. If concurrent requests use the same current password, one
   * succeeds.
   *
   * @throws AppError 400 auth.wrong_password; 422 for an unacceptable new password; 429 auth.too_many_attempts; 503
   * auth.overloaded
   */
  async change(principal: SessionPrincipal<Account>, body: PasswordChangeRequest, caller: Caller): Promise<void> {
    const { user: account, sessionId } = principal;
    this.rules.requireChanged(body);
    this.rules.check(body.new_password, account, 'new_password');
    let hash: string | undefined;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const confirmed = await this.reauthentication.confirm(principal, passwordAnswer(body.current_password), caller);
      const password = {
        hash: (hash ??= await this.hasher.hash(body.new_password, caller)),
        reason: 'password_changed' as const,
        keptSession: sessionId,
      };
      const isDone = await inTransaction(this.dataSource, async (tx) =>
        this.passwords.setIfUnchanged(tx, confirmed, password, caller),
      );
      if (isDone) return;
    }
    throw wrongPassword();
  }
}
