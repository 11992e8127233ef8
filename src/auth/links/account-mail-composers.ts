import { Injectable } from '@nestjs/common';
import { MailComposer } from '../../mail/mail-composer.decorator.js';
import type { Composed, MailPayload } from '../../mail/mail-composers.js';
import { type LinkedPage, linkTo } from '../../mail/messages/links.js';
import { PlatformSettings } from '../../platform/config/platform-settings.js';
import { UserCredentialsService } from '../../users/user-credentials.service.js';
import type { TokenPurpose } from './one-time-token.entity.js';
import { OneTimeTokensService } from './one-time-tokens.service.js';

const PAGES: Readonly<Record<TokenPurpose, LinkedPage>> = {
  password_reset: 'reset-password',
  email_verification: 'verify-email',
  email_change: 'confirm-email',
};

/** Composes the messages of `AccountMailQueue` at the time of sending, from the current state of account and link. */
@Injectable()
export class AccountMailComposers {
  constructor(
    private readonly tokens: OneTimeTokensService,
    private readonly credentials: UserCredentialsService,
    private readonly settings: PlatformSettings,
  ) {}

  @MailComposer('reset-password')
  async resetPassword(payload: MailPayload): Promise<Composed<'reset-password'> | null> {
    return this.composeWithLink(payload, 'password_reset');
  }

  @MailComposer('verify-email')
  async verifyEmail(payload: MailPayload): Promise<Composed<'verify-email'> | null> {
    return this.composeWithLink(payload, 'email_verification');
  }

  @MailComposer('confirm-email-change')
  async confirmEmailChange(payload: MailPayload): Promise<Composed<'confirm-email-change'> | null> {
    return this.composeWithLink(payload, 'email_change');
  }

  @MailComposer('welcome')
  async welcome(payload: MailPayload): Promise<Composed<'welcome'> | null> {
    return this.composeForOwner(payload, {});
  }

  @MailComposer('password-changed')
  async passwordChanged(payload: MailPayload): Promise<Composed<'password-changed'> | null> {
    return this.composeForOwner(payload, { at: timeOf(payload) });
  }

  private async composeWithLink(
    { userId, tokenId }: MailPayload,
    purpose: TokenPurpose,
  ): Promise<Composed<'verify-email'> | null> {
    const user = await this.credentials.find(userId);
    const issued = user?.isActive ? await this.tokens.issue(String(tokenId), purpose, user) : null;
    if (!user || issued?.userId !== userId) return null;
    const name = purpose === 'password_reset' ? user.username : undefined;
    const link = linkTo(PAGES[purpose], issued.token, this.settings, name);
    return {
      to: issued.email,
      isVerified: issued.email === user.email && user.emailVerifiedAt !== null,
      variables: { username: user.username, link, validMinutes: roundHours(issued.validMinutes) },
    };
  }

  private async composeForOwner<Extra extends object>(
    { userId }: MailPayload,
    extra: Extra,
  ): Promise<{ to: string; isVerified: boolean; variables: { username: string } & Extra } | null> {
    const user = await this.credentials.find(userId);
    if (!user || user.email === null) return null;
    const isVerified = user.emailVerifiedAt !== null;
    return { to: user.email, isVerified, variables: { username: user.username, ...extra } };
  }

  /** Composes the notice to the former address. */
  @MailComposer('email-changed')
  async emailChanged(payload: MailPayload): Promise<Composed<'email-changed'> | null> {
    const [user, notice] = await Promise.all([
      this.credentials.find(payload.userId),
      this.tokens.find(String(payload.noticeId)),
    ]);
    if (!user || notice?.userId !== payload.userId) return null;
    return {
      to: notice.email,
      isVerified: payload.wasVerified === true,
      variables: { username: user.username, at: timeOf(payload), newEmail: user.email ?? '' },
    };
  }
}

/** Rounds down to full hours, so that a retried message says `23 hours` instead of `1,431 minutes`. */
function roundHours(minutes: number): number {
  return minutes > 120 ? minutes - (minutes % 60) : minutes;
}

function timeOf({ at }: MailPayload): Date {
  return new Date(String(at));
}
