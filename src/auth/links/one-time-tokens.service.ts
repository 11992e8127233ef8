import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, In, IsNull, Not, Raw } from 'typeorm';
import { Scheduled } from '../../jobs/job.decorators.js';
import { retryTransient } from '../../platform/database/transaction.js';
import { UserCredentialsService } from '../../users/user-credentials.service.js';
import type { User } from '../../users/user.entity.js';
import { hashLinkToken, isLinkToken, LinkTokenDeriver } from './link-token-deriver.js';
import { FORMER_ADDRESS, OneTimeToken, REDEEMED_PURPOSES, type TokenPurpose } from './one-time-token.entity.js';
import { invalidLink } from './one-time-token.errors.js';
import { ISSUE } from './one-time-tokens.sql.js';

/** Lifetime of a link in minutes after its message was first sent. */
const LIFETIME_MINUTES: Readonly<Record<TokenPurpose, number>> = {
  password_reset: 30,
  email_verification: 24 * 60,
  email_change: 60,
};

/** Retention of links whose message was never sent. */
const UNSENT_RETENTION = '7 days';

/** A link to send. */
export interface NewLink {
  /** The account, locked by the transaction or created in it. */
  user: Pick<User, 'id' | 'email' | 'sessionEpoch'>;
  purpose: TokenPurpose;
  /** The recipient of the message. */
  email: string;
}

export interface StoredToken {
  id: string;
  userId: number;
  /** The recipient of the message. */
  email: string;
}

/** A link whose message is being sent. */
export interface IssuedToken extends StoredToken {
  token: string;
  /** The remaining lifetime, which is shorter if the message is sent again. */
  validMinutes: number;
}

/** A redeemed link. */
export interface RedeemedLink {
  /** The account, locked until the end of the transaction. */
  user: User;
  /** The recipient of the message. */
  email: string;
  /** The link was redeemed before, and its effect is still in place. */
  isRepeat: boolean;
}

const hasMinutesLeft = (column: string) => `${column} >= now() + make_interval(mins => CAST(:minutes AS int))`;

/**
 * Creates, issues, redeems and revokes links; the only writer of the table `one_time_tokens`. A link is valid once, and
 * only while its account has the address that the link belongs to. Transactions that change credentials create or revoke
 * links under the lock of the account (`UserCredentialsService.lock`).
 */
@Injectable()
export class OneTimeTokensService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: UserCredentialsService,
    private readonly deriver: LinkTokenDeriver,
  ) {}

  /**
   * Finds a link for a new message that is unsent or has half of its lifetime left, or creates one. Older links stay valid,
   * because a request by a stranger must not revoke the link of the owner. Only a change of the address revokes links to
   * other addresses, which may have been mistyped.
   *
   * @returns the id for the payload of the job
   */
  async findOrCreate(tx: EntityManager, { user, purpose, email }: NewLink): Promise<string> {
    const isChange = purpose === 'email_change';
    const owned = { userId: user.id, purpose };
    if (isChange) await tx.delete(OneTimeToken, { ...owned, email: Not(email) });
    const accountEmail = isChange ? (user.email ?? '') : null;
    const wanted = { ...owned, email, accountEmail: accountEmail ?? IsNull(), sessionEpoch: user.sessionEpoch };
    const candidates = await tx.find(OneTimeToken, {
      where: [
        { ...wanted, expiresAt: IsNull() },
        { ...wanted, expiresAt: Raw(hasMinutesLeft, { minutes: LIFETIME_MINUTES[purpose] / 2 }) },
      ],
      order: { createdAt: 'DESC', id: 'ASC' },
    });
    // A token whose key is no longer configured cannot be sent again.
    const reusable = candidates.find(({ id, tokenHash }) => !tokenHash || this.deriver.recover(id, tokenHash));
    return reusable?.id ?? this.insert(tx, { ...owned, email, accountEmail });
  }

  /** Stores a former address, the recipient of a message without a link. */
  async createNotice(tx: EntityManager, { userId, email }: { userId: number; email: string }): Promise<string> {
    return this.insert(tx, { userId, purpose: FORMER_ADDRESS, email, accountEmail: null });
  }

  private async insert(
    tx: EntityManager,
    row: Pick<OneTimeToken, 'userId' | 'purpose' | 'email' | 'accountEmail'>,
  ): Promise<string> {
    const id = randomUUID();
    await tx.insert(OneTimeToken, { ...row, id });
    return id;
  }

  /** Finds rows of `createNotice` by their ids. */
  async findNotices(tx: EntityManager, userId: number, ids: readonly string[]): Promise<StoredToken[]> {
    return tx.findBy(OneTimeToken, { id: In([...ids]), userId, purpose: FORMER_ADDRESS });
  }

  async find(id: string): Promise<StoredToken | null> {
    return this.dataSource.manager.findOneBy(OneTimeToken, { id });
  }

  /**
   * Issues the token of a message at the time of sending. Every attempt, and every further message with the same link, gets
   * the same token.
   *
   * @param user the account, whose address must still be the one that the link belongs to
   * @returns null if the link has been redeemed or revoked, or has expired
   */
  async issue(id: string, purpose: TokenPurpose, user: Pick<User, 'email'>): Promise<IssuedToken | null> {
    const stored = await this.dataSource.manager.findOneBy(OneTimeToken, { id, purpose });
    if (!stored || !isForCurrentAddress(stored, user)) return null;
    const hash = hashLinkToken(this.deriver.derive(id));
    const values = ISSUE.values({ id, purpose, hash, lifetimeMinutes: LIFETIME_MINUTES[purpose] });
    const [[row]] = await retryTransient(async () =>
      this.dataSource.query<[{ token_hash: Buffer; minutes: number }[], number]>(ISSUE.text, values),
    );
    if (!row) return null;
    const token = this.deriver.recover(id, row.token_hash);
    // During a key rotation, another process may have the key. A new hash would invalidate the link that was sent before.
    if (token === undefined) throw new Error('the link was derived from a key that this process does not know');
    return { id, token, userId: stored.userId, email: stored.email, validMinutes: row.minutes };
  }

  /**
   * Finds the account of a token without redeeming it, as a check before expensive work.
   *
   * @throws AppError 400 auth.invalid_link
   */
  async getOwner(purpose: TokenPurpose, token: string): Promise<User> {
    const found = await this.findByToken(this.dataSource.manager, purpose, token);
    const user = found && (await this.credentials.find(found.userId));
    if (!found || !user?.isActive || !isForCurrentAddress(found, user)) throw invalidLink();
    return user;
  }

  /**
   * Redeems a token and revokes the other links of the same purpose. For purposes that accept a second click, links to the
   * same address are marked as redeemed instead. Only one of several concurrent attempts succeeds.
   *
   * @throws AppError 400 auth.invalid_link if the token is unknown, redeemed, revoked or expired, or belongs to an address
   * that the account no longer has
   */
  async redeem(tx: EntityManager, purpose: TokenPurpose, token: string): Promise<RedeemedLink> {
    const candidate = await this.findByToken(tx, purpose, token);
    const user = candidate && (await this.credentials.lock(tx, candidate.userId));
    // Read again under the lock, because another transaction may have redeemed or revoked it.
    const found = user && (await this.findByToken(tx, purpose, token));
    if (!found || !user.isActive || !isForCurrentAddress(found, user)) throw invalidLink();
    const isRepeat = found.purpose !== purpose;
    // The address was changed in the meantime and has not been verified since.
    if (isRepeat && user.emailVerifiedAt === null) throw invalidLink();
    if (!isRepeat) await this.markRedeemed(tx, user, found.email, purpose);
    return { user, email: found.email, isRepeat };
  }

  /** Marks all sent links to an address as redeemed, because its mailbox may contain several of them. */
  private async markRedeemed(tx: EntityManager, user: User, email: string, purpose: TokenPurpose): Promise<void> {
    const { id: userId, sessionEpoch } = user;
    const redeemed = REDEEMED_PURPOSES[purpose];
    const sent = { userId, purpose, email, tokenHash: Not(IsNull()), sessionEpoch };
    if (redeemed) await tx.update(OneTimeToken, sent, { purpose: redeemed });
    await this.revoke(tx, userId, [purpose]);
  }

  /** Finds an unexpired link of an account that has been neither disabled nor enabled since. */
  private async findByToken(
    manager: EntityManager,
    purpose: TokenPurpose,
    token: string,
  ): Promise<OneTimeToken | null> {
    if (!isLinkToken(token)) return null;
    const redeemed = REDEEMED_PURPOSES[purpose];
    return manager
      .createQueryBuilder(OneTimeToken, 'link')
      .innerJoin('link.user', 'account', 'account.sessionEpoch = link.sessionEpoch')
      .where('link.tokenHash = :hash AND link.expiresAt > now()', { hash: hashLinkToken(token) })
      .andWhere('link.purpose IN (:...purposes)', { purposes: redeemed ? [purpose, redeemed] : [purpose] })
      .getOne();
  }

  /** Revokes the unredeemed links of an account, whether sent or not. */
  async revoke(tx: EntityManager, userId: number, purposes: readonly TokenPurpose[]): Promise<void> {
    await tx.delete(OneTimeToken, { userId, purpose: In([...purposes]) });
  }

  /** Deletes rows that are no longer usable. */
  @Scheduled('one-time-tokens.purge', '23 * * * *')
  async purge(): Promise<void> {
    await this.dataSource
      .createQueryBuilder()
      .delete()
      .from(OneTimeToken)
      .where('expiresAt < now()')
      .orWhere('expiresAt IS NULL AND createdAt < now() - CAST(:kept AS interval)', { kept: UNSENT_RETENTION })
      .execute();
  }
}

/**
 * Whether the account still has the address that a link belongs to. Compares bytes, because two spellings with the same
 * folded form may be different mailboxes.
 */
function isForCurrentAddress(
  { purpose, email, accountEmail }: Pick<OneTimeToken, 'purpose' | 'email' | 'accountEmail'>,
  user: Pick<User, 'email'>,
): boolean {
  if (purpose !== 'email_change') return email === user.email;
  return accountEmail === null || accountEmail === (user.email ?? '');
}
