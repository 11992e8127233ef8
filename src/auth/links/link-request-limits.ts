import { Injectable } from '@nestjs/common';
import { AddressHasher } from '../../mail/address-hasher.js';
import type { Caller } from '../../platform/http/caller.js';
import { RateLimits } from '../../platform/rate-limit/rate-limits.js';
import type { Reservation } from '../../platform/rate-limit/reservation.js';
import { EnumerationLimit } from '../../users/enumeration-limit.js';
import { addressChangeLimit, requestedLinkLimit } from './link.limits.js';
import type { RequestedPurpose } from './one-time-token.entity.js';

/**
 * Limits the number of links that are sent. Anonymous requests and requests by the signed-in owner are counted separately,
 * so that nobody can exhaust the budget of the owner. See docs/operations/rate-limits.md.
 */
@Injectable()
export class LinkRequestLimits {
  constructor(
    private readonly limits: RateLimits,
    private readonly addresses: AddressHasher,
    private readonly enumeration: EnumerationLimit,
  ) {}

  /**
   * Counts a change of the address that the signed-in owner requested with the password.
   *
   * @throws AppError 429 auth.too_many_messages with Retry-After
   */
  async reserveEmailChange(userId: number, caller: Caller): Promise<void> {
    await this.limits.reserve(addressChangeLimit, { account: userId }, caller);
  }

  /**
   * Runs a change that may be refused because another account has the address, and limits such refusals.
   *
   * @throws AppError 429 auth.too_many_messages with Retry-After; errors of `change`
   */
  async limitEnumeration(caller: Caller, change: () => Promise<void>): Promise<void> {
    await this.enumeration.run(addressChangeLimit, caller, change);
  }

  /**
   * Reserves the message of a requested link.
   *
   * @returns null if a link for this purpose was sent to the address within the last ten minutes
   */
  async reserve(purpose: RequestedPurpose, address: string): Promise<Reservation | null> {
    const outcome = await this.limits.tryReserve(requestedLinkLimit, await this.keysOf(purpose, address), null);
    return outcome.refused ? null : outcome;
  }

  /** Allows another link at once after the last one was redeemed. Never throws. */
  async releaseAll(purpose: RequestedPurpose, address: string): Promise<void> {
    // A count that cannot be released expires with its window.
    const keys = await this.keysOf(purpose, address).catch(() => ({}));
    await this.limits.releaseAll(requestedLinkLimit, keys);
  }

  private async keysOf(purpose: RequestedPurpose, address: string): Promise<{ address: string[] }> {
    const names = await this.addresses.hash(address);
    return { address: names.map((name) => `${purpose}:${name}`) };
  }
}
