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
  /** Whether the address must be verified before a sign-in; false by default. */
  mustVerifyEmail?: boolean;
}

/** Work for a new account in the transaction that creates it. */
export type AfterCreate = (tx: EntityManager, user: User) => Promise<void>;

/** The result of looking up a typed name. */
export interface NamedAccount {
  user: User | null;
  /** The name as folded by the database, cut to a bounded length; empty for a string that is too long for a name. */
  folded: string;
}

type NamedRow = Record<string, unknown> & { typed_name_folded: string };

/** Creates accounts and finds them by name. Only this folder writes the `users` table. */
@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly audit: AuditWriter,
  ) {}

  /** @throws AppError 400 if another account has the name or the address, regardless of case */
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
   * Creates an account and records its registration.
   *
   * @param caller the origin of the request, for the audit event; absent for a command
   * @throws AppError 400 like `requireAvailable`, also after a lost race for a name; 503 database.contended
   */
  async create(
    user: NewUser,
    afterCreate: AfterCreate = async () => undefined,
    caller?: NewAuditEvent['caller'],
  ): Promise<User> {
    try {
      return await inTransaction(this.users.manager.dataSource, async (tx) => {
        const { identifiers } = await tx.insert(User, user);
        const created = await tx.findOneByOrFail(User, { id: identifiers[0]?.id as number });
        const about = { actorId: created.id, subjectId: created.id, ...(caller && { caller }) };
        await this.audit.record(tx, { action: 'user.registered', outcome: 'success', ...about });
        await afterCreate(tx, created);
        return created;
      });
    } catch (error) {
      if (isUniqueViolation(error)) await this.requireAvailable(user);
      throw error;
    }
  }

  /** Changes the username and the display name. @throws a unique violation if another account has the username */
  async rename(tx: EntityManager, userId: number, names: Pick<User, 'username' | 'displayName'>): Promise<User> {
    await tx.update(User, { id: userId }, { ...names, updatedAt: () => 'now()' });
    return tx.findOneByOrFail(User, { id: userId });
  }

  /** Finds the account of a typed name, regardless of case. The exact spelling is preferred to a normalized one. */
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
