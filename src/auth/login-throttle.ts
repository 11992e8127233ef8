import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Environment } from '../platform/config/environment.js';
import type { Caller } from '../platform/http/caller.js';
import { type Budget, ExactLimits, type Place } from '../platform/rate-limit/exact-limits.js';
import { tooManyAttempts } from './auth.errors.js';
import { LoginThrottleQueue } from './login-throttle-queue.js';
import { ThrottledLogins } from './throttled-logins.js';

export const LOGIN_POLICY = 'login';

/**
 * Bounds the wrong tries of a password, by account and by client, over every process and every way to try (rows A16-A19).
 * A place is taken before the hash (A22) and given back unless the password was wrong. An account is never locked for good:
 * its places come back with the end of a window, and all of them with a right password.
 */
@Injectable()
export class LoginThrottle {
  private readonly queue = new LoginThrottleQueue();

  constructor(
    private readonly environment: Environment,
    private readonly limits: ExactLimits,
    private readonly throttled: ThrottledLogins,
  ) {}

  /**
   * Tries a password, unless there were too many wrong ones. A try that ends with an error, as one that the hash gate
   * refuses or whose client has gone, was none.
   *
   * @param user whose password it is said to be; null where nobody has the name, which is then throttled alike
   * @param username the name as the database folds it; one value for all names that are too long
   * @throws AppError 429 auth.too_many_attempts with Retry-After; what `isRight` throws
   */
  async attempt(
    { user, username }: { user: { id: number } | null; username: string },
    caller: Caller,
    isRight: () => Promise<boolean>,
  ): Promise<boolean> {
    const account = user ? keyOf(user.id) : this.keyOfNobody(username);
    const keys = [account, `login:client:${caller.client}`] as const;
    const places = await this.enter(this.budgets(...keys), user?.id ?? null, caller);
    this.queue.enter(keys);
    let freed = true;
    try {
      const right = await isRight();
      if (right) await this.limits.giveBack(places, caller, [account]);
      freed = right;
      return right;
    } catch (error) {
      await this.limits.giveBack(places, caller);
      throw error;
    } finally {
      this.queue.leave(keys, freed);
    }
  }

  /** What was tried with a password that the account has no longer counts for nothing: who has just set another may use it. */
  async forgive(accountId: number): Promise<void> {
    await this.limits.clear(keyOf(accountId));
  }

  private async enter(budgets: readonly Budget[], accountId: number | null, caller: Caller): Promise<readonly Place[]> {
    for (const deadline = performance.now() + this.environment.HASH_WAIT_MS; ;) {
      const { freed } = this.queue;
      const verdict = await this.limits.take(budgets, caller);
      if (verdict.admitted) return verdict.places;
      const [key = ''] = verdict.fullKeys;
      const patience = deadline - performance.now();
      const mayBeFree = freed !== this.queue.freed || (await this.queue.wait(key, caller.signal, patience));
      if (mayBeFree && patience > 0) continue;
      // By the client where that is full too: it may try a thousand accounts.
      await this.throttled.record(verdict.fullKeys.at(-1) ?? key, accountId, caller);
      // Used up by tries that have not ended: their places may be back in a moment.
      throw this.limits.refusal(LOGIN_POLICY, tooManyAttempts, this.queue.isBusy(key) ? 1 : verdict.resetSeconds);
    }
  }

  private budgets(account: string, client: string): [Budget, Budget] {
    const { RATE_LIMIT_LOGIN_ACCOUNT, RATE_LIMIT_LOGIN_CLIENT, RATE_LIMIT_LOGIN_WINDOW_MINUTES } = this.environment;
    const windowSeconds = RATE_LIMIT_LOGIN_WINDOW_MINUTES * 60;
    return [
      { key: account, most: RATE_LIMIT_LOGIN_ACCOUNT, windowSeconds },
      { key: client, most: RATE_LIMIT_LOGIN_CLIENT, windowSeconds },
    ];
  }

  /** One key for all spellings of a name. Not the name itself: people type passwords into the wrong field. */
  private keyOfNobody(username: string): string {
    return `login:name:${createHmac('sha256', this.environment.SECRET_KEY).update(username).digest('base64url')}`;
  }
}

function keyOf(accountId: number): string {
  return `login:account:${accountId}`;
}
