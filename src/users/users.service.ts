import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { AuditWriter, type NewAuditEvent } from '../audit/audit-writer.js';
import { isOverlong } from '../fastapi/validation/text-limit.js';
import { isUniqueViolation } from '../platform/database/database-errors.js';
import { foldedSql } from '../platform/database/folded-sql.js';
import { inTransaction } from '../platform/database/transaction.js';
import { User } from './user.entity.js';
import { usernameSpellings } from './username-spellings.js';
import { USERNAME_MAX_LENGTH } from './username.js';
import { emailTaken, usernameTaken } from './users.errors.js';
import { FIND_BY_NAME } from './users.sql.js';

export interface NewUser {
  username: string;
  email: string | null;
  passwordHash: string;
  /** Whether it cannot be signed in to before its address is verified; it can when absent. */
  mustVerifyEmail?: boolean;
}

/** What belongs to a new account and is done in the same transaction. */
export type AfterCreate = (tx: EntityManager, user: User) => Promise<void>;

/** The result of the look-up of a typed name. */
export interface NamedAccount {
  user: User | null;
  /** The name as the database folds it, cut to a bounded length; empty for a text that is too long for a name. */
  folded: string;
}

type NamedRow = Record<string, unknown> & { typed_name_folded: string };

/** Creates accounts and finds them by name. Only this folder writes the table `users`. */
@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly audit: AuditWriter,
  ) {}

  /** @throws AppError 400 when another account has the name or the address, whatever the letter case */
  async requireAvailable({ username, email }: Pick<NewUser, 'username' | 'email'>): Promise<void> {
    if (await this.exists('username', username)) throw usernameTaken();
    if (email !== null && (await this.exists('email', email))) throw emailTaken();
  }

  private async exists(column: 'username' | 'email', value: string): Promise<boolean> {
    return this.users
      .createQueryBuilder('user')
      .where(`${foldedSql(`user.${column}`)} = ${foldedSql('CAST(:value AS text)')}`, { value })
      .getExists();
  }

  /**
   * @param caller who registers, for the record of it; absent for a command
   * @throws AppError 400 as `requireAvailable`, also to the losers of a race for one name; 503 database.contended
   */
  async create(
    user: NewUser,
    also: AfterCreate = async () => undefined,
    caller?: NewAuditEvent['caller'],
  ): Promise<User> {
    try {
      return await inTransaction(this.users.manager.dataSource, async (tx) => {
        const { identifiers } = await tx.insert(User, user);
        const created = await tx.findOneByOrFail(User, { id: identifiers[0]?.id as number });
        const about = { actorId: created.id, subjectId: created.id, ...(caller && { caller }) };
        await this.audit.record(tx, { action: 'user.registered', outcome: 'success', ...about });
        await also(tx, created);
        return created;
      });
    } catch (error) {
      if (isUniqueViolation(error)) await this.requireAvailable(user);
      throw error;
    }
  }

  /** Changes what an account calls itself. @throws a unique violation if another account has the name */
  async rename(tx: EntityManager, userId: number, names: Pick<User, 'username' | 'displayName'>): Promise<User> {
    await tx.update(User, { id: userId }, { ...names, updatedAt: () => 'now()' });
    return tx.findOneByOrFail(User, { id: userId });
  }

  /** The account of a typed name, in any letter case; the exact name is preferred to one without white space. */
  async findByUsername(typed: string): Promise<NamedAccount> {
    if (isOverlong(typed, USERNAME_MAX_LENGTH)) return { user: null, folded: '' };
    const spellings = usernameSpellings(typed);
    const values = FIND_BY_NAME.values({ spellings, last: spellings.at(-1) });
    const [row] = await this.users.manager.query<NamedRow[]>(FIND_BY_NAME.text, values);
    return { user: row?.id ? this.hydrate(row) : null, folded: row?.typed_name_folded ?? '' };
  }

  private hydrate(row: NamedRow): User {
    const { columns, connection } = this.users.metadata;
    const user = this.users.create();
    for (const column of columns) {
      column.setEntityValue(user, connection.driver.prepareHydratedValue(row[column.databaseName], column));
    }
    return user;
  }
}
