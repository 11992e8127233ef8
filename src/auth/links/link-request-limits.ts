import { Injectable } from '@nestjs/common';
import { AddressHasher } from '../../mail/address-hasher.js';
import type { Caller } from '../../platform/http/caller.js';
import { RateLimits } from '../../platform/rate-limit/rate-limits.js';
import type { Reservation } from '../../platform/rate-limit/reservation.js';
import { EnumerationLimit } from '../../users/enumeration-limit.js';
import { addressChangeLimit, requestedLinkLimit } from './link.limits.js';
import type { RequestedPurpose } from './one-time-token.entity.js';

/**
 * Limits how often links are sent. Requests by strangers and by the owner of an account are counted separately, so that
 * nobody spends the owner's share. docs/operations/rate-limits.md has the table.
 */
@Injectable()
export class LinkRequestLimits {
  constructor(
    private readonly limits: RateLimits,
    private readonly addresses: AddressHasher,
    private readonly enumeration: EnumerationLimit,
  ) {}

  /**
   * Reserves a change of the address for the signed-in owner of an account, after the password was verified.
   *
   * @throws AppError 429 auth.too_many_messages with Retry-After
   */
  async reserveEmailChange(userId: number, caller: Caller): Promise<void> {
    await this.limits.reserve(addressChangeLimit, { account: userId }, caller);
  }

  /**
   * Makes a change that may be refused because another account has the address.
   *
   * @throws AppError 429 auth.too_many_messages with Retry-After; what the change throws
   */
  async limitEnumeration(caller: Caller, change: () => Promise<void>): Promise<void> {
    await this.enumeration.run(addressChangeLimit, caller, change);
  }

  /**
   * Reserves the message of a requested link.
   *
   * @returns null when the address was sent one within the last ten minutes
   */
  async reserve(purpose: RequestedPurpose, address: string): Promise<Reservation | null> {
    const outcome = await this.limits.tryReserve(requestedLinkLimit, await this.keysOf(purpose, address), null);
    return outcome.refused ? null : outcome;
  }

  /** Allows another link at once, after the owner of the mailbox has redeemed the last one. Never throws. */
  async releaseAll(purpose: RequestedPurpose, address: string): Promise<void> {
    // A count that cannot be released ends with its window.
    const keys = await this.keysOf(purpose, address).catch(() => ({}));
    await this.limits.releaseAll(requestedLinkLimit, keys);
  }

  private async keysOf(purpose: RequestedPurpose, address: string): Promise<{ address: string[] }> {
    const names = await this.addresses.hash(address);
    return { address: names.map((name) => `${purpose}:${name}`) };
  }
}
