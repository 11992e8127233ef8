import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { languageOf } from '../../mail/mail-language.js';
import type { MailTemplate } from '../../mail/mail-variables.js';
import { type MailLanguage, Mails } from '../../mail/mails.js';
import { Environment } from '../../platform/config/environment.js';
import type { Caller } from '../../platform/http/caller.js';
import { Jobs } from '../../platform/jobs/jobs.js';
import { clientBudgets } from '../../platform/rate-limit/client-budgets.js';
import { ExactLimits, type Verdict } from '../../platform/rate-limit/exact-limits.js';
import type { User } from '../../users/user.entity.js';
import type { TokenPurpose } from '../one-time-tokens/one-time-token.entity.js';
import { OneTimeTokens } from '../one-time-tokens/one-time-tokens.service.js';
import { tooManyMessages } from './email.errors.js';

export const MAIL_POLICY = 'mail';

/** Finds out whether there is a link to send to who asked for one without being signed in. */
export const LINK_JOB = 'link.send';

/** Messages that one client may ask for without being signed in: an office shares an address. */
const CLIENT_PER_HOUR = 100;

const TEMPLATES: Readonly<Record<TokenPurpose, MailTemplate>> = {
  password_reset: 'reset-password',
  email_verification: 'verify-email',
  email_change: 'confirm-email-change',
};

/** Orders the messages to an account, and counts those that somebody can have sent to it at will (row A60). */
@Injectable()
export class AccountMails {
  constructor(
    private readonly mails: Mails,
    private readonly jobs: Jobs,
    private readonly tokens: OneTimeTokens,
    private readonly limits: ExactLimits,
    private readonly environment: Environment,
  ) {}

  languageFor(caller: Caller): MailLanguage {
    return languageOf(caller.languages, this.environment.MAIL_LANGUAGE);
  }

  /** Whether somebody who has not verified the address of an account yet is asked to, and may be written to for it. */
  asksToVerify({ email, emailVerifiedAt }: Pick<User, 'email' | 'emailVerifiedAt'>): boolean {
    return this.environment.EMAIL_VERIFICATION !== 'off' && email !== null && emailVerifiedAt === null;
  }

  /**
   * A message with a link; those of the same purpose that were sent before are dead from now on.
   *
   * @param tx in which the account is locked, or was made
   */
  async sendLink(
    tx: EntityManager,
    {
      userId,
      purpose,
      email,
      language,
    }: { userId: number; purpose: TokenPurpose; email: string; language: MailLanguage },
  ): Promise<void> {
    const tokenId = await this.tokens.order(tx, { userId, purpose, email });
    await this.mails.enqueue(tx, { template: TEMPLATES[purpose], userId, language, about: { tokenId } });
  }

  /** Kills every link of the account, and those that were asked for and are not ordered yet (row A56). */
  async revokeLinks(tx: EntityManager, userId: number): Promise<void> {
    await this.tokens.revoke(tx, userId, ['password_reset', 'email_verification', 'email_change']);
    await this.jobs.cancelFor(tx, userId, LINK_JOB);
  }

  /** A message that says what has just happened to the account; to nobody where it has no address. */
  async sendNotice(
    tx: EntityManager,
    template: 'welcome' | 'password-changed',
    user: Pick<User, 'id' | 'email'>,
    caller: Caller,
  ): Promise<void> {
    if (user.email === null) return;
    const about = { at: new Date().toISOString() };
    await this.mails.enqueue(tx, { template, userId: user.id, language: this.languageFor(caller), about });
  }

  /**
   * Whether the account may be told once more of what its owner can do as often as they like: an address that nobody has
   * verified may be a stranger's (row A60). Counted apart from what others can have sent, which must not silence it.
   */
  async admitsNotice(userId: number): Promise<boolean> {
    const budget = { key: `mail:notice:${userId}`, most: this.environment.MAIL_LIMIT_PER_HOUR, windowSeconds: 3600 };
    return (await this.limits.take([budget], null)).admitted;
  }

  /** Tells the former address of an account that it is none of the account's any more (row A61). */
  async sendFarewell(
    tx: EntityManager,
    { userId, email }: { userId: number; email: string },
    caller: Caller,
  ): Promise<void> {
    const about = { noticeId: await this.tokens.orderNotice(tx, { userId, email }), at: new Date().toISOString() };
    await this.mails.enqueue(tx, { template: 'email-changed', userId, language: this.languageFor(caller), about });
  }

  /**
   * For whoever asks for a message to somebody: the answer tells nothing of the account.
   *
   * @throws AppError 429 auth.too_many_messages with Retry-After
   */
  async countClient(caller: Caller): Promise<void> {
    const budgets = clientBudgets('mail:client', caller.client, CLIENT_PER_HOUR, 3600);
    this.refuseUnlessAdmitted(await this.limits.take(budgets, caller));
  }

  /** @throws AppError 429 auth.too_many_messages: only to who is signed in to the account */
  async countOwn(userId: number): Promise<void> {
    this.refuseUnlessAdmitted(await this.takeFor(userId));
  }

  /**
   * Whether an address that somebody has just given, which may be a stranger's, may be written to once more: counted over
   * all accounts, since accounts are made and deleted at will. What an address is sent that an account has already is not
   * counted here, or anybody could silence it.
   */
  async admitsNewAddress(email: string): Promise<boolean> {
    return (await this.takeForAddress(email)).admitted;
  }

  /** @throws AppError 429 auth.too_many_messages where `admitsNewAddress` says no */
  async countNewAddress(email: string): Promise<void> {
    this.refuseUnlessAdmitted(await this.takeForAddress(email));
  }

  /** @returns whether the account may be sent another message that somebody asked for */
  async isAdmitted(userId: number): Promise<boolean> {
    return (await this.takeFor(userId)).admitted;
  }

  /** By a hash: the table of the limits is no place for addresses of strangers. */
  private async takeForAddress(email: string): Promise<Verdict> {
    const folded = email.normalize('NFKC').toLowerCase();
    const hash = createHmac('sha256', this.environment.SECRET_KEY).update(folded).digest('base64url');
    const most = this.environment.MAIL_LIMIT_PER_HOUR;
    return this.limits.take([{ key: `mail:address:${hash}`, most, windowSeconds: 3600 }], null);
  }

  private async takeFor(userId: number): Promise<Verdict> {
    const most = this.environment.MAIL_LIMIT_PER_HOUR;
    return this.limits.take([{ key: `mail:account:${userId}`, most, windowSeconds: 3600 }], null);
  }

  private refuseUnlessAdmitted(verdict: Verdict): void {
    if (!verdict.admitted) throw this.limits.refusal(MAIL_POLICY, tooManyMessages, verdict.resetSeconds);
  }
}
