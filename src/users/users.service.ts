import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import type { Repository } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { isUniqueViolation } from '../platform/database/database-errors.js';
import { inTransaction } from '../platform/database/transaction.js';
import { foldedSql } from './folded-name.js';
import { type Account, User } from './user.entity.js';
import { normalizeUsername } from './username.js';
import { emailTaken, usernameTaken } from './users.errors.js';

export interface NewUser {
  username: string;
  email: string | null;
  passwordHash: string;
}

/** The one writer of the table `users`. */
@Injectable()
export class UsersService {
  private readonly pool: Pool;

  constructor(@InjectRepository(User) private readonly users: Repository<User>) {
    this.pool = (users.manager.dataSource.driver as PostgresDriver).master as Pool;
  }

  /** @throws AppError 400 when another account has the name or the address, whatever the letter case */
  async refuseTaken({ username, email }: Pick<NewUser, 'username' | 'email'>): Promise<void> {
    if (await this.exists('username', username)) throw usernameTaken();
    if (email !== null && (await this.exists('email', email))) throw emailTaken();
  }

  private async exists(column: 'username' | 'email', value: string): Promise<boolean> {
    return this.users
      .createQueryBuilder('user')
      .where(`${foldedSql(`user.${column}`)} = ${foldedSql('CAST(:value AS text)')}`, { value })
      .getExists();
  }

  /** @throws AppError 400 as `refuseTaken`, also to the losers of a race for one name (row A97); 503 database.contended */
  async create(user: NewUser): Promise<User> {
    try {
      return await inTransaction(this.users.manager.dataSource, async (tx) => {
        const { identifiers } = await tx.insert(User, user);
        return tx.findOneByOrFail(User, { id: identifiers[0]?.id as number });
      });
    } catch (error) {
      if (isUniqueViolation(error)) await this.refuseTaken(user);
      throw error;
    }
  }

  /** The account of a name as somebody typed it, in any letter case; null for none. */
  async findByUsername(username: string): Promise<User | null> {
    return this.users
      .createQueryBuilder('user')
      .where(`${foldedSql('user.username')} = ${foldedSql('CAST(:name AS text)')}`, {
        name: normalizeUsername(username),
      })
      .getOne();
  }

  /**
   * Accounts by their ids, in any order, in one query that goes around TypeORM to its pool of connections: it runs for
   * every authenticated request.
   */
  async listByIds(ids: readonly number[]): Promise<Account[]> {
    const { rows } = await this.pool.query<UserRow>(
      'SELECT id, username, email, is_active, is_superuser, created_at FROM users WHERE id = ANY($1)',
      [ids],
    );
    return rows.map(accountFromRow);
  }
}

interface UserRow {
  id: number;
  username: string;
  email: string | null;
  is_active: boolean | null;
  is_superuser: boolean | null;
  created_at: User['createdAt'];
}

function accountFromRow(row: UserRow): Account {
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    isActive: row.is_active === true,
    isSuperuser: row.is_superuser === true,
    createdAt: row.created_at,
  };
}
