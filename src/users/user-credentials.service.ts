import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { isUniqueViolation } from '../platform/database/database-errors.js';
import { foldedSql } from '../platform/database/folded-sql.js';
import { User } from './user.entity.js';
import { emailTaken } from './users.errors.js';

/** Reads and changes the credentials of accounts: password and address. */
@Injectable()
export class UserCredentialsService {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  async find(userId: number): Promise<User | null> {
    return this.users.findOneBy({ id: userId });
  }

  /**
   * Finds the account of an address, regardless of case. If two addresses have the same folded form, the exact one
   * wins.
   */
  async findByEmail(email: string): Promise<User | null> {
    return this.users
      .createQueryBuilder('user')
      .where(`${foldedSql('user.email')} = ${foldedSql('CAST(:email AS text)')}`, { email })
      .orderBy('user.email = CAST(:email AS text)', 'DESC')
      .addOrderBy('user.id')
      .limit(1)
      .getOne();
  }

  /**
   * Locks the account until the end of the transaction. Every transaction that changes credentials begins with this
   * lock, so they run one after the other and never deadlock.
   */
  async lock(tx: EntityManager, userId: number): Promise<User | null> {
    return tx.findOne(User, { where: { id: userId }, lock: { mode: 'pessimistic_write' } });
  }

  async setPassword(tx: EntityManager, userId: number, passwordHash: string): Promise<void> {
    await tx.update(User, { id: userId }, { passwordHash, updatedAt: now });
  }

  /**
   * Stores another hash of the same password.
   *
   * @returns false, without a change, if the password was changed in the meantime
   */
  async rehash(tx: EntityManager, userId: number, hashes: { from: string; to: string }): Promise<boolean> {
    const { affected } = await tx.update(User, { id: userId, passwordHash: hashes.from }, { passwordHash: hashes.to });
    return affected === 1;
  }

  /** Marks the address as verified. @returns false if it was already verified */
  async markEmailVerified(tx: EntityManager, user: User): Promise<boolean> {
    if (user.emailVerifiedAt !== null) return false;
    await tx.update(User, { id: user.id }, { emailVerifiedAt: now });
    return true;
  }

  /**
   * Sets a new, verified address.
   *
   * @throws AppError 400 users.email_taken if another account has it, regardless of case
   */
  async changeEmail(tx: EntityManager, userId: number, email: string): Promise<void> {
    try {
      await tx.update(User, { id: userId }, { email, emailVerifiedAt: now, updatedAt: now });
    } catch (error) {
      throw isUniqueViolation(error) ? emailTaken() : error;
    }
  }
}

/** The database's clock. */
const now = () => 'now()';
