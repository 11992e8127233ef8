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

/** A request for a link. `userId` is null if no account has the address. */
export type RequestedLink = {
  userId: number | null;
  purpose: RequestedPurpose;
  language: MailLanguage;
};

/** The job that handles a request for a link. */
export const SEND_LINK: JobName<RequestedLink> = 'link.send';

const TEMPLATES: Readonly<Record<TokenPurpose, MailTemplate>> = {
  password_reset: 'reset-password',
  email_verification: 'verify-email',
  email_change: 'confirm-email-change',
};

/** A message with a link. */
export interface LinkMessage extends NewLink {
  language: MailLanguage;
  /** Whether a client requested the link, so that `requestedLinkLimit` has counted it. */
  isRequested?: boolean;
}

/** A former address of an account. */
export interface FormerAddress {
  email: string;
  wasVerified: boolean;
}

/** Enqueues messages about an account in the transaction of the change that they report. */
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

  /** Whether the account has an unverified address that should be verified. */
  needsVerification({ email, emailVerifiedAt }: Pick<User, 'email' | 'emailVerifiedAt'>): boolean {
    return this.settings.EMAIL_VERIFICATION !== 'off' && email !== null && emailVerifiedAt === null;
  }

  /** Enqueues a message with a link: an existing link that is unsent or has half of its lifetime left, or a new one. */
  async enqueueLink(tx: EntityManager, { language, isRequested = false, ...link }: LinkMessage): Promise<void> {
    const tokenId = await this.tokens.findOrCreate(tx, link);
    const template = TEMPLATES[link.purpose];
    await this.mails.enqueue(tx, { template, userId: link.user.id, language, about: { tokenId }, isRequested });
  }

  /** Revokes every link of the account, and cancels requests for links that no job has handled yet. */
  async revokeLinks(tx: EntityManager, userId: number): Promise<void> {
    await this.tokens.revoke(tx, userId, ['password_reset', 'email_verification', 'email_change']);
    await this.jobs.cancelFor(tx, userId, SEND_LINK);
  }

  /** Enqueues a message about a change of the account. Does nothing for an account without an address. */
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

  /** The former addresses of an account whose notice is waiting or could not be sent. */
  async findPendingAddressNotices(tx: EntityManager, userId: number): Promise<FormerAddress[]> {
    const jobs = await this.jobs.findFor(tx, userId);
    const verified = new Map(jobs.map(({ payload }) => [payload.noticeId, payload.wasVerified === true]));
    const ids = [...verified.keys()].filter((id) => typeof id === 'string');
    const notices = await this.tokens.findNotices(tx, userId, ids);
    return notices.map(({ id, email }) => ({ email, wasVerified: verified.get(id) === true }));
  }

  /** Enqueues a notice to the former address of an account. */
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
