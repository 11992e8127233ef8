import { Injectable } from '@nestjs/common';
import { PlatformSettings } from '../config/platform-settings.js';
import { SettingValues } from '../config/setting-values.js';
import type { AppError } from '../http/app-error.js';
import type { Caller } from '../http/caller.js';
import { type BudgetKeys, budgetsOf } from './budgets.js';
import type { LimitPolicy } from './limit-policy.js';
import { type LimitState, setLimitState } from './limit-state.js';
import { RateLimitMetrics } from './rate-limit-metrics.js';
import { RateLimitStore } from './rate-limit-store.js';
import { limitsOf } from './rate-limit.decorator.js';
import { type Refusal, Reservation } from './reservation.js';

/**
 * Reserves slots of the policies in the table of limits. With RATE_LIMIT=off every reservation succeeds and nothing is
 * counted.
 */
@Injectable()
export class RateLimits {
  constructor(
    private readonly store: RateLimitStore,
    private readonly settings: PlatformSettings,
    private readonly values: SettingValues,
    private readonly metrics: RateLimitMetrics,
  ) {}

  get isOn(): boolean {
    return this.settings.RATE_LIMIT;
  }

  /**
   * Reserves a slot of every budget that has a key, or throws the error of the policy. The response to the caller shows
   * the tightest of these budgets.
   *
   * @param caller null for a job
   * @throws AppError the 429 of the policy, with Retry-After
   */
  async reserve<Name extends string>(
    policy: LimitPolicy<Name>,
    keys: BudgetKeys<Name>,
    caller: Caller | null,
  ): Promise<Reservation> {
    const outcome = await this.tryReserve(policy, keys, caller);
    if (outcome.refused) throw this.refuse(policy, outcome.resetSeconds);
    return outcome;
  }

  /** As `reserve`, but returns a refusal instead of throwing. */
  async tryReserve<Name extends string>(
    policy: LimitPolicy<Name>,
    keys: BudgetKeys<Name>,
    caller: Caller | null,
  ): Promise<Reservation | Refusal> {
    requireDeclared(policy, caller);
    if (!this.isOn) return new Reservation([], async () => undefined);
    const { slots, full, state } = await this.store.reserve(budgetsOf(policy, keys, this.values));
    showLimitState(caller, state);
    if (full.length > 0) {
      return { refused: true, full, resetSeconds: Math.max(...full.map(({ resetSeconds }) => resetSeconds)) };
    }
    return new Reservation(slots, async (shares) => showLimitState(caller, await this.store.release(slots, shares)));
  }

  /** Releases every slot of these budgets, whichever reservation holds it. Never throws. */
  async releaseAll<Name extends string>(policy: LimitPolicy<Name>, keys: BudgetKeys<Name>): Promise<void> {
    if (!this.isOn) return;
    await this.store.releaseAll(budgetsOf(policy, keys, this.values).map(({ key }) => key));
  }

  /** Counts a refusal and returns the 429 of the policy. */
  refuse({ name, metric, answer }: LimitPolicy, retryAfterSeconds: number): AppError {
    if (!answer) throw new RangeError(`the limit ${name} has no answer`);
    this.metrics.countRefusal(metric);
    return answer({ headers: { 'retry-after': String(retryAfterSeconds) } });
  }
}

/** Makes sure that a route declares the limits that its flow reserves. */
function requireDeclared({ name }: LimitPolicy, caller: Caller | null): void {
  if (caller && !limitsOf(caller.routeConfig).some((policy) => policy.name === name)) {
    throw new RangeError(`the route does not declare @RateLimit of ${name}`);
  }
}

function showLimitState(caller: Caller | null, state: LimitState | undefined): void {
  if (caller && state) setLimitState(caller, state);
}
