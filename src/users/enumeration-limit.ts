import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/http/caller.js';
import { type BudgetRule, fromSetting, type LimitPolicy } from '../platform/rate-limit/limit-policy.js';
import { RateLimits } from '../platform/rate-limit/rate-limits.js';
import type { UserSettings } from './user.settings.js';
import { isTaken } from './users.errors.js';

/**
 * Limits the names and addresses that a client can discover by changing its own. It counts per client instead of per
 * account, because accounts can be created at will. Registrations have a budget of the same size.
 */
export const enumerationBudget: BudgetRule = {
  about: 'changes from a client to a name or an address that is taken',
  key: 'taken:client',
  by: 'client',
  most: fromSetting<UserSettings>('RATE_LIMIT_REGISTER_PER_HOUR'),
  windowMinutes: 60,
  hidden: true,
};

/** Limits changes that reveal whether a name or an address is taken. */
@Injectable()
export class EnumerationLimit {
  constructor(private readonly limits: RateLimits) {}

  /**
   * Runs a change that may be refused because the name or the address is taken. Only such a refusal counts.
   *
   * @throws AppError the 429 of the policy; errors of the change
   */
  async run<T>(policy: LimitPolicy<'taken'>, caller: Caller, change: () => Promise<T>): Promise<T> {
    const reservation = await this.limits.reserve(policy, { taken: caller.client }, caller);
    let isCounted = false;
    try {
      return await change();
    } catch (error) {
      isCounted = isTaken(error);
      throw error;
    } finally {
      if (!isCounted) await reservation.release();
    }
  }
}
