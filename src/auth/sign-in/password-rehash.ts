import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditWriter } from '../../audit/audit-writer.js';
import { inTransaction } from '../../platform/database/transaction.js';
import type { Caller } from '../../platform/http/caller.js';
import { UserCredentialsService } from '../../users/user-credentials.service.js';
import type { User } from '../../users/user.entity.js';
import { PasswordHasher } from '../passwords/password-hasher.js';

/** Hashes a password again at sign-in, the only time when it is known, after BCRYPT_ROUNDS was raised. */
@Injectable()
export class PasswordRehash {
  private readonly logger = new Logger(PasswordRehash.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: UserCredentialsService,
    private readonly hasher: PasswordHasher,
    private readonly audit: AuditWriter,
  ) {}

  /** @returns the account with its current hash: the old one if the password could not be hashed now */
  async rehash(user: User, password: string, caller: Caller): Promise<User> {
    try {
      return await this.replaceHash(user, password, caller);
    } catch (error) {
      // The password is correct, so a busy process or database must not refuse the sign-in.
      this.logger.warn({ err: error, msg: 'a password could not be hashed again at the higher cost', userId: user.id });
      return user;
    }
  }

  private async replaceHash(user: User, password: string, caller: Caller): Promise<User> {
    const hashes = { from: user.passwordHash, to: await this.hasher.hash(password, caller) };
    const isReplaced = await inTransaction(this.dataSource, async (tx) => {
      const changed = await this.credentials.rehash(tx, user.id, hashes);
      const subject = { actorId: user.id, subjectId: user.id };
      if (changed) await this.audit.record(tx, { action: 'password.rehashed', outcome: 'success', ...subject, caller });
      return changed;
    });
    return isReplaced ? Object.assign(user, { passwordHash: hashes.to }) : user;
  }
}
