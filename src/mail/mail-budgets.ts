import { Injectable } from '@nestjs/common';
import { Environment } from '../platform/config/environment.js';
import { type Budget, ExactLimits, type Place } from '../platform/rate-limit/exact-limits.js';
import { AddressKeys } from './address-keys.js';
import type { MailTemplate } from './messages/mail-variables.js';

/** The address of a message, and what decides its budget. */
export interface CountedMessage {
  /** The same for every attempt to send the message. */
  orderId: string;
  template: MailTemplate;
  to: string;
  /** Whether the owner of the address has verified it for this account. */
  isVerified: boolean;
}

type Share = Pick<Budget, 'key' | 'most'>;

const HOUR_SECONDS = 3600;

/**
 * Places of MAIL_LIMIT_PER_HOUR reserved for requested links, one for each purpose. `LinkRequestLimits` counts those.
 */
const KEPT_FOR_REQUESTED_LINKS = 2;

/** Notices of the loss of an account. The first of each in an hour has its own place, so that no other message hides it. */
const KEPT_NOTICES: ReadonlySet<MailTemplate> = new Set(['password-changed', 'email-changed', 'account-deleted']);

/** Messages that a password or a session is enough to cause at will. They leave one place to the others. */
const YIELDING: ReadonlySet<MailTemplate> = new Set(['new-sign-in', 'welcome', 'username-changed']);

/**
 * Limits the messages to each address, over all accounts and processes. A place is reserved when a message is sent and
 * released when sending fails, so that retries count once. docs/operations.md has the table.
 */
@Injectable()
export class MailBudgets {
  constructor(
    private readonly limits: ExactLimits,
    private readonly addresses: AddressKeys,
    private readonly environment: Environment,
  ) {}

  /**
   * A process that was killed while it sent a message has released nothing: the retry finds the message counted.
   *
   * @returns null if the budget is used up
   */
  async reserve(message: CountedMessage): Promise<readonly Place[] | null> {
    const once = { key: `mail:order:${message.orderId}`, most: 1, windowSeconds: HOUR_SECONDS };
    const order = await this.limits.take([once], null);
    if (!order.admitted) return [];
    const names = await this.addresses.namesOf(message.to);
    for (const { key, most } of this.sharesOf(message)) {
      const budgets = names.map((name) => ({ key: `${key}:${name}`, most, windowSeconds: HOUR_SECONDS }));
      const verdict = await this.limits.take(budgets, null);
      if (verdict.admitted) return [...order.places, ...verdict.places];
    }
    await this.release(order.places);
    return null;
  }

  /** Never throws. */
  async release(places: readonly Place[]): Promise<void> {
    await this.limits.giveBack(places, null);
  }

  /** What a message may count against, in the order in which it is tried. */
  private sharesOf({ template, isVerified }: CountedMessage): Share[] {
    const limit = this.environment.MAIL_LIMIT_PER_HOUR;
    if (isVerified) return [{ key: `mail:verified:${template}`, most: limit }];
    const kept = KEPT_FOR_REQUESTED_LINKS + KEPT_NOTICES.size + (YIELDING.has(template) ? 1 : 0);
    const common = { key: 'mail:address', most: Math.max(1, limit - kept) };
    return KEPT_NOTICES.has(template) ? [{ key: `mail:notice:${template}`, most: 1 }, common] : [common];
  }
}
