import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type JobName, JobQueue } from '../../jobs/job-queue.js';
import { MailQueue } from '../../mail/mail-queue.js';
import type { MailLanguage } from '../../mail/messages/mail-language.js';
import type { MailTemplate } from '../../mail/messages/mail-variables.js';
import type { Caller } from '../../platform/http/caller.js';
import type { User } from '../../users/user.entity.js';
import { LinkRequestLimits } from './link-request-limits.js';
import { LinkSettings } from './link.settings.js';
import type { RequestedPurpose, TokenPurpose } from './one-time-token.entity.js';
import { type NewLink, OneTimeTokensService } from './one-time-tokens.service.js';

/** A link that somebody requested; without a `userId` if no account has the address. */
export type RequestedLink = {
  userId: number | null;
  purpose: RequestedPurpose;
  language: MailLanguage;
};

/** Name of the job that sends a requested link, if an account has the address. */
export const SEND_LINK: JobName<RequestedLink> = 'link.send';

const TEMPLATES: Readonly<Record<TokenPurpose, MailTemplate>> = {
  password_reset: 'reset-password',
  email_verification: 'verify-email',
  email_change: 'confirm-email-change',
};

/** A message with a link. */
export interface LinkMessage extends NewLink {
  language: MailLanguage;
  /** Somebody requested it, and `requestedLinkLimit` has counted it. */
  isRequested?: boolean;
}

/** A former address of an account. */
export interface FormerAddress {
  email: string;
  wasVerified: boolean;
}

/** Enqueues the messages to an account, in the transaction of the change that each reports. */
@Injectable()
export class AccountMailQueue {
  constructor(
    private readonly mails: MailQueue,
    private readonly jobs: JobQueue,
    private readonly tokens: OneTimeTokensService,
    readonly limits: LinkRequestLimits,
    private readonly settings: LinkSettings,
  ) {}

  languageFor(caller: Caller): MailLanguage {
    return this.mails.languageFor(caller);
  }

  /** Whether somebody who has not verified the address of an account yet is asked to, and may be written to for it. */
  needsVerification({ email, emailVerifiedAt }: Pick<User, 'email' | 'emailVerifiedAt'>): boolean {
    return this.settings.EMAIL_VERIFICATION !== 'off' && email !== null && emailVerifiedAt === null;
  }

  /** Enqueues a message with a link: the last one again while half of its life remains, else a new one. */
  async enqueueLink(tx: EntityManager, { language, isRequested = false, ...link }: LinkMessage): Promise<void> {
    const tokenId = await this.tokens.findOrCreate(tx, link);
    const template = TEMPLATES[link.purpose];
    await this.mails.enqueue(tx, { template, userId: link.user.id, language, about: { tokenId }, isRequested });
  }

  /** Revokes every link of the account, and the requested ones that no job has handled yet. */
  async revokeLinks(tx: EntityManager, userId: number): Promise<void> {
    await this.tokens.revoke(tx, userId, ['password_reset', 'email_verification', 'email_change']);
    await this.jobs.cancelFor(tx, userId, SEND_LINK);
  }

  /** A message that says what has just happened to the account; to nobody where it has no address. */
  async enqueueNotice(
    tx: EntityManager,
    template: 'welcome' | 'password-changed',
    user: Pick<User, 'id' | 'email'>,
    caller: Caller,
  ): Promise<void> {
    if (user.email === null) return;
    const about = { at: new Date().toISOString() };
    await this.mails.enqueue(tx, { template, userId: user.id, language: this.languageFor(caller), about });
  }

  /** The former addresses of an account whose notice waits to be sent, or could not be sent. */
  async findPendingAddressNotices(tx: EntityManager, userId: number): Promise<FormerAddress[]> {
    const jobs = await this.jobs.findFor(tx, userId);
    const verified = new Map(jobs.map(({ payload }) => [payload.noticeId, payload.wasVerified === true]));
    const ids = [...verified.keys()].filter((id) => typeof id === 'string');
    const notices = await this.tokens.findNotices(tx, userId, ids);
    return notices.map(({ id, email }) => ({ email, wasVerified: verified.get(id) === true }));
  }

  /** Notifies the former address of an account that the account has another one. */
  async enqueueAddressNotice(
    tx: EntityManager,
    { userId, email, wasVerified }: FormerAddress & { userId: number },
    caller: Caller,
  ): Promise<void> {
    const noticeId = await this.tokens.createNotice(tx, { userId, email });
    const about = { noticeId, wasVerified, at: new Date().toISOString() };
    await this.mails.enqueue(tx, { template: 'email-changed', userId, language: this.languageFor(caller), about });
  }
}
