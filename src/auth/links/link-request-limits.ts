import { Injectable } from '@nestjs/common';
import { AddressKeys } from '../../mail/address-keys.js';
import { Environment } from '../../platform/config/environment.js';
import type { Caller } from '../../platform/http/caller.js';
import { clientBudgets } from '../../platform/rate-limit/client-budgets.js';
import { type Budget, ExactLimits, type Place, type Verdict } from '../../platform/rate-limit/exact-limits.js';
import { TakenProbes } from '../../users/taken-probes.js';
import { tooManyMessages } from './email.errors.js';
import type { RequestedPurpose } from './one-time-token.entity.js';

export const MAIL_POLICY = 'mail';

/** Links that one client may request without signing in. The number is high because an office shares an address. */
const CLIENT_PER_HOUR = 100;
const HOUR_SECONDS = 3600;
/** Less than half of the life of every requested link, so that the mailbox always has a link that works. */
const PAUSE_SECONDS = 600;

/**
 * Limits how often links may be requested. Requests by strangers and by the owner of an account are counted separately,
 * so that nobody spends the owner's share. docs/operations.md has the table.
 */
@Injectable()
export class LinkRequestLimits {
  constructor(
    private readonly limits: ExactLimits,
    private readonly addresses: AddressKeys,
    private readonly environment: Environment,
    private readonly probes: TakenProbes,
  ) {}

  /**
   * Counts an unauthenticated request, for any address: the answer reveals nothing about an account.
   *
   * @throws AppError 429 auth.too_many_messages with Retry-After
   */
  async countClient(caller: Caller): Promise<void> {
    const budgets = clientBudgets('mail:client', caller.client, CLIENT_PER_HOUR, HOUR_SECONDS);
    this.refuseUnlessAdmitted(await this.limits.take(budgets, caller));
  }

  /**
   * Counts a request by the signed-in owner of an account, after the password was verified.
   *
   * @throws AppError 429 auth.too_many_messages with Retry-After
   */
  async countOwner(userId: number): Promise<void> {
    const most = this.environment.MAIL_LIMIT_PER_HOUR;
    const budget = { key: `mail:owner:${userId}`, most, windowSeconds: HOUR_SECONDS };
    this.refuseUnlessAdmitted(await this.limits.take([budget], null));
  }

  /**
   * Reserves the message of a requested link.
   *
   * @returns null when the address was sent one within the last ten minutes
   */
  async reserve(purpose: RequestedPurpose, address: string): Promise<readonly Place[] | null> {
    const verdict = await this.limits.take(await this.budgetsOf(purpose, address), null);
    return verdict.admitted ? verdict.places : null;
  }

  /** Releases a message that was not enqueued. Never throws. */
  async release(places: readonly Place[]): Promise<void> {
    await this.limits.giveBack(places, null);
  }

  /** Allows another link at once, after the owner of the mailbox has redeemed the last one. Never throws. */
  async clear(purpose: RequestedPurpose, address: string): Promise<void> {
    // A count that cannot be cleared ends with its window.
    const budgets = await this.budgetsOf(purpose, address).catch(() => []);
    for (const { key } of budgets) await this.limits.clear(key);
  }

  private async budgetsOf(purpose: RequestedPurpose, address: string): Promise<Budget[]> {
    const names = await this.addresses.namesOf(address);
    return names.map((name) => ({ key: `mail:requested:${purpose}:${name}`, most: 1, windowSeconds: PAUSE_SECONDS }));
  }

  /**
   * Makes a change that may be refused because another account has the address.
   *
   * @throws AppError 429 auth.too_many_messages with Retry-After; what the change throws
   */
  async countTaken(caller: Caller, change: () => Promise<void>): Promise<void> {
    await this.probes.count(caller, (seconds) => this.limits.refusal(MAIL_POLICY, tooManyMessages, seconds), change);
  }

  private refuseUnlessAdmitted(verdict: Verdict): void {
    if (!verdict.admitted) throw this.limits.refusal(MAIL_POLICY, tooManyMessages, verdict.resetSeconds);
  }
}
