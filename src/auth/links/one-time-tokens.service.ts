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

/** Lifetime of a link in minutes, from the first sending of its message. */
const LIFETIME_MINUTES: Readonly<Record<TokenPurpose, number>> = {
  password_reset: 30,
  email_verification: 24 * 60,
  email_change: 60,
};

/** A message that is not sent by then never will be. */
const UNSENT_RETENTION = '7 days';

/** A link to send. */
export interface NewLink {
  /** Locked by the transaction, or created in it. */
  user: Pick<User, 'id' | 'email' | 'sessionEpoch'>;
  purpose: TokenPurpose;
  /** Where the message goes. */
  email: string;
}

export interface StoredToken {
  id: string;
  userId: number;
  /** Where the message goes. */
  email: string;
}

/** A link whose message is being sent. */
export interface IssuedToken extends StoredToken {
  token: string;
  /** The remaining lifetime: shorter at a later attempt. */
  validMinutes: number;
}

/** A link that was redeemed. */
export interface RedeemedLink {
  /** The account, locked until the end of the transaction. */
  user: User;
  /** The address that the message went to. */
  email: string;
  /** The link was redeemed before and its effect still holds: there is nothing to do. */
  isRepeat: boolean;
}

const hasMinutesLeft = (column: string) => `${column} >= now() + make_interval(mins => CAST(:minutes AS int))`;

/**
 * The only writer of the table `one_time_tokens`. A link works once, and only while its account has the address that
 * the link belongs to. A transaction that changes an account's credentials enqueues or revokes links under the
 * account's lock (`UserCredentialsService.lock`).
 */
@Injectable()
export class OneTimeTokensService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: UserCredentialsService,
    private readonly deriver: LinkTokenDeriver,
  ) {}

  /**
   * Chooses the link of a message that is about to be enqueued: one that is still to be sent or has half of its life
   * left, otherwise a new one. Older links stay as they are: a request by a stranger must not revoke the link that the
   * owner has. Only a change of the address revokes those to other addresses, because they may have been mistyped.
   *
   * @returns the id that the message's job carries
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
    // A token that was derived from a forgotten key cannot be sent again.
    const reusable = candidates.find(({ id, tokenHash }) => !tokenHash || this.deriver.recover(id, tokenHash));
    return reusable?.id ?? this.insert(tx, { ...owned, email, accountEmail });
  }

  /** Stores the address of a message without a link, which the account no longer has. */
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

  /** What `createNotice` has stored under these ids. */
  async findNotices(tx: EntityManager, userId: number, ids: readonly string[]): Promise<StoredToken[]> {
    return tx.findBy(OneTimeToken, { id: In([...ids]), userId, purpose: FORMER_ADDRESS });
  }

  async find(id: string): Promise<StoredToken | null> {
    return this.dataSource.manager.findOneBy(OneTimeToken, { id });
  }

  /**
   * The token of an enqueued message, at the time of sending. It is the same at each attempt, and each time the link is
   * sent again.
   *
   * @param user the account; its address must still be the one that the link belongs to
   * @returns null when the link was redeemed or revoked meanwhile, or has expired
   */
  async issue(id: string, purpose: TokenPurpose, user: Pick<User, 'email'>): Promise<IssuedToken | null> {
    const ordered = await this.dataSource.manager.findOneBy(OneTimeToken, { id, purpose });
    if (!ordered || !isForCurrentAddress(ordered, user)) return null;
    const hash = hashLinkToken(this.deriver.derive(id));
    const values = ISSUE.values({ id, purpose, hash, lifetimeMinutes: LIFETIME_MINUTES[purpose] });
    const [[row]] = await retryTransient(async () =>
      this.dataSource.query<[{ token_hash: Buffer; minutes: number }[], number]>(ISSUE.text, values),
    );
    if (!row) return null;
    const token = this.deriver.recover(id, row.token_hash);
    // During a change of the key another process may know it. A new hash would revoke the link that was sent before.
    if (token === undefined) throw new Error('the link was derived from a key that this process does not know');
    return { id, token, userId: ordered.userId, email: ordered.email, validMinutes: row.minutes };
  }

  /**
   * The account of a token, without redeeming the token: a check before expensive work.
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
   * Redeems a token and ends the other links of the same purpose. Links of the purpose to the same address are redeemed with
   * it, where a second click is answered. Of any number of parallel attempts one has the effect. A rollback of the
   * transaction undoes it.
   *
   * @throws AppError 400 auth.invalid_link, the same for a token that is unknown, redeemed, revoked or expired, and for one
   * that was sent to another address than the account has
   */
  async redeem(tx: EntityManager, purpose: TokenPurpose, token: string): Promise<RedeemedLink> {
    const known = await this.findByToken(tx, purpose, token);
    const user = known && (await this.credentials.lock(tx, known.userId));
    // Checked again under the lock: another transaction may have redeemed or revoked it.
    const found = user && (await this.findByToken(tx, purpose, token));
    if (!found || !user.isActive || !isForCurrentAddress(found, user)) throw invalidLink();
    const isRepeat = found.purpose !== purpose;
    // The address changed in between and has not been verified since.
    if (isRepeat && user.emailVerifiedAt === null) throw invalidLink();
    if (!isRepeat) await this.markRedeemed(tx, user, found.email, purpose);
    return { user, email: found.email, isRepeat };
  }

  /** Marks the sent links to one address as redeemed: several may wait in its mailbox, and any may be opened next. */
  private async markRedeemed(tx: EntityManager, user: User, email: string, purpose: TokenPurpose): Promise<void> {
    const { id: userId, sessionEpoch } = user;
    const redeemed = REDEEMED_PURPOSES[purpose];
    const sent = { userId, purpose, email, tokenHash: Not(IsNull()), sessionEpoch };
    if (redeemed) await tx.update(OneTimeToken, sent, { purpose: redeemed });
    await this.revoke(tx, userId, [purpose]);
  }

  /** Finds a link that has not expired, of an account that was neither disabled nor enabled since. */
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

  /** Revokes the unredeemed links of an account, sent or not. */
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
 * Whether the account still has the address that a link belongs to, byte for byte: two spellings of one folded form may be
 * two mailboxes.
 */
function isForCurrentAddress(
  { purpose, email, accountEmail }: Pick<OneTimeToken, 'purpose' | 'email' | 'accountEmail'>,
  user: Pick<User, 'email'>,
): boolean {
  if (purpose !== 'email_change') return email === user.email;
  return accountEmail === null || accountEmail === (user.email ?? '');
}
