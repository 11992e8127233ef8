import { Injectable } from '@nestjs/common';
import { RateLimits } from '../platform/rate-limit/rate-limits.js';
import type { Reservation } from '../platform/rate-limit/reservation.js';
import { AddressHasher } from './address-hasher.js';
import { messageLimit, NOTICES } from './message.limits.js';
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

/** Messages that a password or a session is enough to cause at will. */
const LOW_PRIORITY: ReadonlySet<MailTemplate> = new Set(['new-sign-in', 'welcome', 'username-changed']);

/**
 * Limits the messages to each address, over all accounts and processes. A place is reserved when a message is sent and
 * released when sending fails, so that retries count once. docs/operations/rate-limits.md has the table.
 */
@Injectable()
export class MailLimits {
  constructor(
    private readonly limits: RateLimits,
    private readonly addresses: AddressHasher,
  ) {}

  /**
   * A process that was killed while it sent a message has released nothing: the retry finds the message counted.
   *
   * @returns null if the budget is used up
   */
  async reserve(message: CountedMessage): Promise<readonly Reservation[] | null> {
    const once = await this.limits.tryReserve(messageLimit, { once: message.orderId }, null);
    if (once.refused) return [];
    const names = await this.addresses.hash(message.to);
    for (const keys of budgetsOf(message, names)) {
      const outcome = await this.limits.tryReserve(messageLimit, keys, null);
      if (!outcome.refused) return [once, outcome];
    }
    await once.release();
    return null;
  }
}

/** What a message may count against, in the order in which it is tried. */
function budgetsOf({ template, isVerified }: CountedMessage, names: readonly string[]): MessageKeys[] {
  const ofKind = names.map((name) => `${template}:${name}`);
  if (isVerified) return [{ verified: ofKind }];
  if (NOTICES.has(template)) return [{ notice: ofKind }, { unverified: names }];
  return [LOW_PRIORITY.has(template) ? { yielding: names } : { unverified: names }];
}

type MessageKeys = Partial<Record<'verified' | 'notice' | 'unverified' | 'yielding', readonly string[]>>;
