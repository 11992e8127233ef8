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

/** Between a comparison and the change, a sign-in may have raised the cost of the same password's hash: once. */
const MAX_ATTEMPTS = 2;

/** Another password for who is signed in and knows the current one. */
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
   * Of several changes at once from one current password, one is done. The session that asks goes on, the others end.
   *
   * @throws AppError 400 auth.wrong_password; 422 for a new password that is refused; 429 auth.too_many_attempts; 503
   * auth.overloaded
   */
  async change(principal: SessionPrincipal<Account>, body: PasswordChangeRequest, caller: Caller): Promise<void> {
    const { user: account, sessionId } = principal;
    this.rules.requireChanged(body);
    this.rules.check(body.new_password, account, 'new_password');
    let hash: string | undefined;
    for (let tries = 0; tries < MAX_ATTEMPTS; tries += 1) {
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
