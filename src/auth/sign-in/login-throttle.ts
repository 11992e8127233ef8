import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ThrottledAudit } from '../../audit/throttled-audit.js';
import { KeyRing, type PerSecret } from '../../platform/config/key-ring.js';
import type { AppError } from '../../platform/http/app-error.js';
import type { Caller } from '../../platform/http/caller.js';
import type { Budget } from '../../platform/rate-limit/budgets.js';
import { setLimitState } from '../../platform/rate-limit/limit-state.js';
import { RateLimits } from '../../platform/rate-limit/rate-limits.js';
import type { FullBudget, Refusal, Reservation } from '../../platform/rate-limit/reservation.js';
import { HashingSettings } from '../passwords/hashing/hashing.settings.js';
import { KnownClients } from './known-clients.js';
import { confirmationBudgets, type LoginBudgets, signInBudgets } from './login-budgets.js';
import { LoginThrottleQueue } from './login-throttle-queue.js';
import { loginLimit } from './sign-in.limits.js';

/**
 * Limits wrong passwords by account and by client, over all processes and all routes.
 *
 * A slot is reserved before the hash and released unless the password is wrong. A correct password releases all slots of
 * its client or session, including those of running attempts, and no others. No account is locked permanently: slots
 * become free at the end of a window.
 */
@Injectable()
export class LoginThrottle {
  private readonly queue = new LoginThrottleQueue();
  private readonly nameKeys: PerSecret<Buffer>;

  constructor(
    private readonly hashing: HashingSettings,
    private readonly limits: RateLimits,
    private readonly throttledAudit: ThrottledAudit,
    private readonly knownClients: KnownClients,
    ring: KeyRing,
  ) {
    this.nameKeys = ring.derive('sign-in.unknown-name');
  }

  /**
   * Verifies the password of a sign-in, unless there were too many wrong ones. An attempt that ends with an error does not
   * count, for example if the hash queue refuses it or the client disconnects.
   *
   * @param user the account; null for an unknown name, which is throttled in the same way
   * @param username the name as the database folds it; one value for all names that are too long
   * @throws AppError 429 auth.too_many_attempts with Retry-After; errors of `verify`
   */
  async attemptSignIn(
    { user, username }: { user: { id: number } | null; username: string },
    caller: Caller,
    verify: () => Promise<boolean>,
  ): Promise<boolean> {
    const { client } = caller;
    const account = user ? accountKey(user.id) : this.keysOfUnknownName(username);
    const isKnown = this.limits.isOn && (await this.knownClients.isKnown(user?.id ?? null, client));
    return this.attempt(signInBudgets(account, { client, isKnown }), user?.id ?? null, caller, verify);
  }

  /** Like `attemptSignIn`, for the current password of a signed-in user. Uses the budget of the session. */
  async attemptConfirmation(
    { userId, sessionId }: { userId: number; sessionId: string },
    caller: Caller,
    verify: () => Promise<boolean>,
  ): Promise<boolean> {
    return this.attempt(confirmationBudgets(accountKey(userId), sessionId), userId, caller, verify);
  }

  /** Like `attemptSignIn`, for a second factor. Neither a correct nor a new password releases its slots. */
  async attemptFactor(userId: number, caller: Caller, verify: () => Promise<boolean>): Promise<boolean> {
    return this.attempt(confirmationBudgets(`factor:${userId}`, 'sign-in'), userId, caller, verify);
  }

  /** Releases all slots of an account after a reset of its password. */
  async releaseAccount(accountId: number): Promise<void> {
    await this.limits.releaseAll(loginLimit, { knownClient: accountKey(accountId) });
  }

  private async attempt(
    budgets: LoginBudgets,
    accountId: number | null,
    caller: Caller,
    verify: () => Promise<boolean>,
  ): Promise<boolean> {
    const reservation = await this.reserveOrWait(budgets, accountId, caller);
    const keys = reservation.slots.flatMap(({ budget }) => queueKeys(budget));
    this.queue.start(keys);
    let isReleased = true;
    try {
      const isCorrect = await verify();
      if (isCorrect) await reservation.release(budgets.ownShares);
      isReleased = isCorrect;
      return isCorrect;
    } catch (error) {
      await reservation.release();
      throw error;
    } finally {
      this.queue.finish(keys, isReleased);
    }
  }

  private async reserveOrWait(budgets: LoginBudgets, accountId: number | null, caller: Caller): Promise<Reservation> {
    for (const deadline = performance.now() + this.hashing.HASH_WAIT_MS; ;) {
      const { releases } = this.queue;
      const outcome = await this.reserve(budgets, caller);
      if (!outcome.refused) return outcome;
      const remainingMs = deadline - performance.now();
      const mayBeFree =
        releases !== this.queue.releases ||
        (await this.queue.waitForSlot(queueKey(budgets, outcome), caller.signal, remainingMs));
      if (!mayBeFree || remainingMs <= 0) throw await this.recordRefusal(budgets, outcome, accountId, caller);
    }
  }

  private async reserve(
    { policy, alternatives: [first, ...others] }: LoginBudgets,
    caller: Caller,
  ): Promise<Reservation | Refusal> {
    let outcome = await this.limits.tryReserve(policy, first, caller);
    for (const keys of others) {
      if (!outcome.refused || fullClient(outcome)) break;
      outcome = await this.limits.tryReserve(policy, keys, caller);
    }
    return outcome;
  }

  private async recordRefusal(
    budgets: LoginBudgets,
    refusal: Refusal,
    accountId: number | null,
    caller: Caller,
  ): Promise<AppError> {
    // Recorded once per client if the client's budget is full: a client may try a thousand accounts.
    const client = fullClient(refusal);
    const { budget, resetSeconds } = client ?? fullAccount(refusal);
    const data = { limit: client ? 'client' : 'account' };
    const event = { action: 'login.throttled', outcome: 'failure', actorId: null, subjectId: accountId } as const;
    await this.throttledAudit.record(budget.key, { ...event, caller, data });
    if (!client) {
      const [limit = budget.most] = Object.values(budget.shares ?? {});
      setLimitState(caller, { limit, remaining: 0, resetSeconds });
    }
    // If running attempts hold the slots, some may be released in a moment.
    const isBusy = this.queue.hasAttempts(queueKey(budgets, refusal));
    return this.limits.refuse(budgets.policy, isBusy ? 1 : resetSeconds);
  }

  /**
   * The keys of an unknown name, one per secret, so that counting continues during a key rotation. Derived, because people
   * type passwords into the wrong field.
   */
  private keysOfUnknownName(username: string): string[] {
    return this.nameKeys.map((key) => `nobody:${createHmac('sha256', key).update(username).digest('base64url')}`);
  }
}

/** The last part of the key in the table rate_limits, `login:user:42`; see docs/operations/rate-limits.md. */
function accountKey(accountId: number): string {
  return `user:${accountId}`;
}

function fullClient({ full }: Refusal): FullBudget | undefined {
  return full.find(({ budget }) => budget.shares === undefined);
}

function fullAccount({ full }: Refusal): FullBudget {
  const found = full.find(({ budget }) => budget.shares !== undefined);
  if (!found) throw new RangeError('an attempt was refused, but no budget is full');
  return found;
}

/** The queues of an attempt that holds slots of a budget. Attempts that wait in them may get these slots. */
function queueKeys({ key, shares }: Budget): string[] {
  return shares ? Object.keys(shares).map((share) => `${key} ${share}`) : [key];
}

/** The queue that a refused attempt joins. */
function queueKey({ queue }: LoginBudgets, refusal: Refusal): string {
  return fullClient(refusal)?.budget.key ?? `${fullAccount(refusal).budget.key} ${queue}`;
}
