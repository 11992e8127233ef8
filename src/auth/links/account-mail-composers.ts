import { Injectable } from '@nestjs/common';
import { MailComposer } from '../../mail/mail-composer.decorator.js';
import type { Composed, MailPayload as Order } from '../../mail/mail-composers.js';
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

/** Composes the messages of `AccountMailQueue` when they are sent, with the current state of the account and the link. */
@Injectable()
export class AccountMailComposers {
  constructor(
    private readonly tokens: OneTimeTokensService,
    private readonly credentials: UserCredentialsService,
    private readonly settings: PlatformSettings,
  ) {}

  @MailComposer('reset-password')
  async resetPassword(order: Order): Promise<Composed<'reset-password'> | null> {
    return this.composeWithLink(order, 'password_reset');
  }

  @MailComposer('verify-email')
  async verifyEmail(order: Order): Promise<Composed<'verify-email'> | null> {
    return this.composeWithLink(order, 'email_verification');
  }

  @MailComposer('confirm-email-change')
  async confirmEmailChange(order: Order): Promise<Composed<'confirm-email-change'> | null> {
    return this.composeWithLink(order, 'email_change');
  }

  @MailComposer('welcome')
  async welcome(order: Order): Promise<Composed<'welcome'> | null> {
    return this.composeForOwner(order, {});
  }

  @MailComposer('password-changed')
  async passwordChanged(order: Order): Promise<Composed<'password-changed'> | null> {
    return this.composeForOwner(order, { at: timeOf(order) });
  }

  private async composeWithLink(
    { userId, tokenId }: Order,
    purpose: TokenPurpose,
  ): Promise<Composed<'verify-email'> | null> {
    const user = await this.credentials.find(userId);
    const armed = user?.isActive ? await this.tokens.issue(String(tokenId), purpose, user) : null;
    if (!user || armed?.userId !== userId) return null;
    const name = purpose === 'password_reset' ? user.username : undefined;
    const link = linkTo(PAGES[purpose], armed.token, this.settings, name);
    return {
      to: armed.email,
      isVerified: armed.email === user.email && user.emailVerifiedAt !== null,
      variables: { username: user.username, link, validMinutes: roundHours(armed.validMinutes) },
    };
  }

  private async composeForOwner<More extends object>(
    { userId }: Order,
    more: More,
  ): Promise<{ to: string; isVerified: boolean; variables: { username: string } & More } | null> {
    const user = await this.credentials.find(userId);
    if (!user || user.email === null) return null;
    const isVerified = user.emailVerifiedAt !== null;
    return { to: user.email, isVerified, variables: { username: user.username, ...more } };
  }

  /** Goes to the former address. */
  @MailComposer('email-changed')
  async emailChanged(order: Order): Promise<Composed<'email-changed'> | null> {
    const [user, notice] = await Promise.all([
      this.credentials.find(order.userId),
      this.tokens.find(String(order.noticeId)),
    ]);
    if (!user || notice?.userId !== order.userId) return null;
    return {
      to: notice.email,
      isVerified: order.wasVerified === true,
      variables: { username: user.username, at: timeOf(order), newEmail: user.email ?? '' },
    };
  }
}

/** `23 hours` instead of `1,431 minutes`, after some tries that failed. */
function roundHours(minutes: number): number {
  return minutes > 120 ? minutes - (minutes % 60) : minutes;
}

function timeOf({ at }: Order): Date {
  return new Date(String(at));
}
