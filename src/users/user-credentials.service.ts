import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { isUniqueViolation } from '../platform/database/database-errors.js';
import { foldedSql } from '../platform/database/folded-sql.js';
import { User } from './user.entity.js';
import { emailTaken } from './users.errors.js';

/** By what an account is signed in to and got back: its password and its address. */
@Injectable()
export class UserCredentials {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  async find(userId: number): Promise<User | null> {
    return this.users.findOneBy({ id: userId });
  }

  /**
   * The account of an address as somebody typed it, in any letter case; null for none. Where two addresses have one folded
   * form, the one that was typed.
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
   * The account, locked until the end of the transaction: what changes how it is signed in to happens one after the other.
   * Every such transaction begins with it, so that none waits for another in a circle.
   */
  async lock(tx: EntityManager, userId: number): Promise<User | null> {
    return tx.findOne(User, { where: { id: userId }, lock: { mode: 'pessimistic_write' } });
  }

  async setPassword(tx: EntityManager, userId: number, passwordHash: string): Promise<void> {
    await tx.update(User, { id: userId }, { passwordHash, updatedAt: now });
  }

  /**
   * The same password under another hash, which is no change to the account.
   *
   * @returns false, and nothing is done, when somebody has set another password meanwhile
   */
  async rehash(tx: EntityManager, userId: number, hashes: { from: string; to: string }): Promise<boolean> {
    const { affected } = await tx.update(User, { id: userId, passwordHash: hashes.from }, { passwordHash: hashes.to });
    return affected === 1;
  }

  /** Somebody who reads what is sent to the account's address has shown it. @returns whether nobody had before */
  async markEmailVerified(tx: EntityManager, user: User): Promise<boolean> {
    if (user.emailVerifiedAt !== null) return false;
    await tx.update(User, { id: user.id }, { emailVerifiedAt: now });
    return true;
  }

  /**
   * Gives the account an address that is verified.
   *
   * @throws AppError 400 users.email_taken when another account has it, whatever the letter case
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
