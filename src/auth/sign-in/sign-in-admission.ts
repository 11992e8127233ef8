import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Audit } from '../../audit/audit.js';
import { Environment } from '../../platform/config/environment.js';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import type { ErrorType } from '../../platform/http/error-catalogue.js';
import { UserCredentials } from '../../users/user-credentials.service.js';
import type { User } from '../../users/user.entity.js';
import { inactiveUser } from './sign-in.errors.js';
import { emailNotVerified } from '../links/email.errors.js';
import { PasswordHasher } from '../passwords/password-hasher.js';

/** Why somebody is refused who has given the right password. */
export interface SignInRefusal {
  /** For the audit log. */
  reason: 'inactive' | 'unverified';
  error: ErrorType;
}

/** What is seen to once somebody has given the right password. */
@Injectable()
export class SignInAdmission {
  private readonly logger = new Logger(SignInAdmission.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly credentials: UserCredentials,
    private readonly hasher: PasswordHasher,
    private readonly audit: Audit,
  ) {}

  /** Why an account cannot be signed in to even with the right password; undefined when it can. */
  refusalOf({ isActive, mustVerifyEmail, emailVerifiedAt }: User): SignInRefusal | undefined {
    if (!isActive) return { reason: 'inactive', error: inactiveUser };
    const isDue = mustVerifyEmail && emailVerifiedAt === null && this.environment.EMAIL_VERIFICATION === 'required';
    return isDue ? { reason: 'unverified', error: emailNotVerified } : undefined;
  }

  /**
   * Where BCRYPT_ROUNDS has been raised, makes the hash anew, since only now the password is known (row A11).
   *
   * @returns the account with the hash that it has now
   */
  async raiseCost(user: User, password: string, caller: Caller): Promise<User> {
    if (!this.hasher.isOutdated(user.passwordHash)) return user;
    try {
      return await this.rehash(user, password, caller);
    } catch (error) {
      // The password was right: that the process is busy, or the database away for a moment, is no reason to refuse it.
      this.logger.warn({ err: error, msg: 'a password could not be hashed anew at the higher cost', userId: user.id });
      return user;
    }
  }

  private async rehash(user: User, password: string, caller: Caller): Promise<User> {
    const hashes = { from: user.passwordHash, to: await this.hasher.hash(password, caller) };
    const isDone = await inTransaction(this.dataSource, async (tx) => {
      const changed = await this.credentials.rehash(tx, user.id, hashes);
      const subject = { actorId: user.id, subjectId: user.id };
      if (changed) await this.audit.record(tx, { action: 'password.rehashed', outcome: 'success', ...subject, caller });
      return changed;
    });
    return isDone ? Object.assign(user, { passwordHash: hashes.to }) : user;
  }
}
