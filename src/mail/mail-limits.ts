import { Injectable } from '@nestjs/common';
import { RateLimits } from '../platform/rate-limit/rate-limits.js';
import type { Reservation } from '../platform/rate-limit/reservation.js';
import { AddressHasher } from './address-hasher.js';
import { messageLimit, NOTICES } from './message.limits.js';
import type { MailTemplate } from './messages/mail-variables.js';

/** A message to count, and the facts that decide its budget. */
export interface CountedMessage {
  /** The same for every attempt. */
  orderId: string;
  template: MailTemplate;
  to: string;
  /** Whether the owner of the address has verified it for this account. */
  isVerified: boolean;
}

/** Messages that anybody with a password or a session can cause at will. */
const LOW_PRIORITY: ReadonlySet<MailTemplate> = new Set(['new-sign-in', 'welcome', 'username-changed']);

/**
 * Limits the messages to each address, over all accounts and processes. A slot is reserved when a message is sent and
 * released if sending fails, so retries count once. See docs/operations/rate-limits.md.
 */
@Injectable()
export class MailLimits {
  constructor(
    private readonly limits: RateLimits,
    private readonly addresses: AddressHasher,
  ) {}

  /**
   * Reserves a slot for a message. If a killed process has already counted the message, the retry does not count it
   * again.
   *
   * @returns null if the budget is used up
   */
  async reserve(message: CountedMessage): Promise<readonly Reservation[] | null> {
    const once = await this.limits.tryReserve(messageLimit, { once: message.orderId }, null);
    if (once.refused) return [];
    const hashes = await this.addresses.hash(message.to);
    for (const keys of budgetsOf(message, hashes)) {
      const outcome = await this.limits.tryReserve(messageLimit, keys, null);
      if (!outcome.refused) return [once, outcome];
    }
    await once.release();
    return null;
  }
}

/** The budgets that a message may count toward, in the order in which they are tried. */
function budgetsOf({ template, isVerified }: CountedMessage, hashes: readonly string[]): MessageKeys[] {
  const ofKind = hashes.map((hash) => `${template}:${hash}`);
  if (isVerified) return [{ verified: ofKind }];
  if (NOTICES.has(template)) return [{ notice: ofKind }, { unverified: hashes }];
  return [LOW_PRIORITY.has(template) ? { yielding: hashes } : { unverified: hashes }];
}

type MessageKeys = Partial<Record<'verified' | 'notice' | 'unverified' | 'yielding', readonly string[]>>;
