import { createHash, createHmac, hkdfSync, randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Environment } from '../../platform/config/environment.js';
import { retryTransient } from '../../platform/database/transaction.js';
import { JobHandlers } from '../../platform/jobs/job-handlers.js';
import { UserCredentials } from '../../users/user-credentials.service.js';
import type { User } from '../../users/user.entity.js';
import { FORMER_ADDRESS, OneTimeToken, type TokenPurpose } from './one-time-token.entity.js';
import { invalidLink } from './one-time-token.errors.js';

/** Minutes from the sending of its message that a link is good for (row A54). */
export const LIFETIME_MINUTES: Readonly<Record<TokenPurpose, number>> = {
  password_reset: 30,
  email_verification: 24 * 60,
  email_change: 60,
};

/** A message that is not sent by then never will be. */
const KEPT_UNSENT = '7 days';
const PURGE_AT = '23 * * * *';

/** 256 bits in base64url; anything else is not looked up. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export interface OrderedToken {
  id: string;
  userId: number;
  /** Where the message goes. */
  email: string;
}

/** One whose message is being sent. */
export interface ArmedToken extends OrderedToken {
  token: string;
  /** How long it is good from now on: less at a later try. */
  validMinutes: number;
}

/** What a link was good for. */
export interface Redeemed {
  /** The account, locked until the end of the transaction. */
  user: User;
  /** The address that the message went to. */
  email: string;
}

/**
 * The one writer of the table `one_time_tokens`: links that work once (rows A54-A56, B15). A transaction that changes
 * what an account is signed in to with orders or revokes them under the account's lock (`UserCredentials.lock`).
 */
@Injectable()
export class OneTimeTokens implements OnModuleInit {
  private readonly key: Buffer;

  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: UserCredentials,
    private readonly handlers: JobHandlers,
    environment: Environment,
  ) {
    this.key = Buffer.from(hkdfSync('sha256', environment.SECRET_KEY, '', 'one-time-token', 32));
  }

  onModuleInit(): void {
    this.handlers.schedule('one-time-tokens.purge', PURGE_AT, async () => this.purge());
  }

  /**
   * Keeps what a message needs that is about to be ordered; links of the same purpose that were sent before die (A56).
   *
   * @param order of an account that the transaction has locked
   * @returns the id that the message's job carries
   */
  async order(tx: EntityManager, order: { userId: number; purpose: TokenPurpose; email: string }): Promise<string> {
    await this.revoke(tx, order.userId, [order.purpose]);
    return this.insert(tx, order);
  }

  /** The same for a message without a link to an address that the account has no longer. */
  async orderNotice(tx: EntityManager, { userId, email }: { userId: number; email: string }): Promise<string> {
    return this.insert(tx, { userId, purpose: FORMER_ADDRESS, email });
  }

  private async insert(tx: EntityManager, row: Pick<OneTimeToken, 'userId' | 'purpose' | 'email'>): Promise<string> {
    const id = randomUUID();
    await tx.insert(OneTimeToken, { ...row, id });
    return id;
  }

  async ordered(id: string): Promise<OrderedToken | null> {
    return this.dataSource.manager.findOneBy(OneTimeToken, { id });
  }

  /**
   * The token of an ordered message, when it is sent. It is derived from the row's random id under a key of the server's: a
   * second try to send has the same one, whichever of the two messages is read.
   *
   * @returns null when it has been revoked meanwhile, or has expired
   */
  async arm(id: string, purpose: TokenPurpose): Promise<ArmedToken | null> {
    const token = createHmac('sha256', this.key).update(id).digest('base64url');
    const [rows] = await retryTransient(async () =>
      this.dataSource.query<[{ user_id: number; email: string; minutes: number }[], number]>(
        `UPDATE one_time_tokens
            SET token_hash = $2, expires_at = COALESCE(expires_at, now() + make_interval(mins => $3))
          WHERE id = $1 AND purpose = $4 AND COALESCE(expires_at > now(), true)
        RETURNING user_id, email, ceil(extract(epoch FROM expires_at - now()) / 60)::int AS minutes`,
        [id, hashOf(token), LIFETIME_MINUTES[purpose], purpose],
      ),
    );
    const [row] = rows;
    return row ? { id, token, userId: row.user_id, email: row.email, validMinutes: row.minutes } : null;
  }

  /**
   * The account of a token, which stays good: for what is worth doing only for a good one.
   *
   * @throws AppError 400 auth.invalid_link
   */
  async ownerOf(purpose: TokenPurpose, token: string): Promise<User> {
    const userId = await this.userIdOf(this.dataSource.manager, purpose, token);
    const user = userId === undefined ? null : await this.credentials.find(userId);
    if (!user?.isActive) throw invalidLink();
    return user;
  }

  /**
   * Uses a token up: of all who try, at whatever time, one comes through (row B15). Undone with the transaction.
   *
   * @throws AppError 400 auth.invalid_link, the same for one that was never there, is used, revoked or expired (A54)
   */
  async redeem(tx: EntityManager, purpose: TokenPurpose, token: string): Promise<Redeemed> {
    const userId = await this.userIdOf(tx, purpose, token);
    const user = userId === undefined ? null : await this.credentials.lock(tx, userId);
    if (!user?.isActive) throw invalidLink();
    const [rows] = await tx.query<[{ email: string }[], number]>(
      `DELETE FROM one_time_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at > now() RETURNING email`,
      [hashOf(token), purpose],
    );
    const [row] = rows;
    if (!row) throw invalidLink();
    return { user, email: row.email };
  }

  private async userIdOf(manager: EntityManager, purpose: TokenPurpose, token: string): Promise<number | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const [row] = await manager.query<{ user_id: number }[]>(
      `SELECT user_id FROM one_time_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at > now()`,
      [hashOf(token), purpose],
    );
    return row?.user_id;
  }

  /** Kills the links of an account, those that were sent and those that wait to be. */
  async revoke(tx: EntityManager, userId: number, purposes: readonly TokenPurpose[]): Promise<void> {
    await tx.query('DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = ANY($2)', [userId, purposes]);
  }

  /** Forgets what nobody can use any more. */
  async purge(): Promise<void> {
    await this.dataSource.query(
      `DELETE FROM one_time_tokens
        WHERE expires_at < now() OR (expires_at IS NULL AND created_at < now() - $1::interval)`,
      [KEPT_UNSENT],
    );
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
