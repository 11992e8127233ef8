import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import { OneTimeTokensService } from '../links/one-time-tokens.service.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { PasswordRules } from '../passwords/password-rules.js';
import type { PasswordResetRequest } from './password-reset.dto.js';
import { PasswordUpdater } from './password-updater.js';

/** Sets a new password with the link in a message. Does not sign the user in. */
@Injectable()
export class PasswordReset {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: OneTimeTokensService,
    private readonly rules: PasswordRules,
    private readonly hasher: PasswordHasher,
    private readonly passwords: PasswordUpdater,
  ) {}

  /**
   * Sets the password, ends every session and marks the address of the account as verified, because its owner has read
   * the message.
   *
   * @throws AppError 400 auth.invalid_link; 422 if the password is refused, which does not use up the link; 503
   * auth.overloaded
   */
  async reset({ token, new_password }: PasswordResetRequest, caller: Caller): Promise<void> {
    const hash = await this.hasher.withCapacity(caller, async () => {
      const owner = await this.tokens.getOwner('password_reset', token);
      this.rules.check(new_password, owner, 'new_password');
      return this.hasher.hash(new_password, caller);
    });
    const owner = await inTransaction(this.dataSource, async (tx) => {
      const { user } = await this.tokens.redeem(tx, 'password_reset', token);
      await this.passwords.set(tx, user, { hash, reason: 'password_reset', keptSession: null }, caller);
      await this.passwords.markEmailVerified(tx, user, caller);
      return user;
    });
    // A user who forgot the password has probably exhausted the limits.
    await this.passwords.releaseLimits(owner);
  }
}
