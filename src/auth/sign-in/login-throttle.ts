import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RepeatedEvents } from '../../audit/repeated-events.js';
import { Environment } from '../../platform/config/environment.js';
import { KeyRing } from '../../platform/config/key-ring.js';
import type { AppError } from '../../platform/http/app-error.js';
import type { Caller } from '../../platform/http/caller.js';
import { type Budget, ExactLimits, type Place, type Verdict } from '../../platform/rate-limit/exact-limits.js';
import { noteLimit } from '../../platform/rate-limit/limit-state.js';
import { tooManyAttempts } from './sign-in.errors.js';
import { KnownClients } from './known-clients.js';
import { confirmationBudgets, type LoginBudgets, signInBudgets } from './login-budgets.js';
import { LoginThrottleQueue } from './login-throttle-queue.js';

export const LOGIN_POLICY = 'login';

type Refused = Extract<Verdict, { admitted: false }>;
/** A try in progress: its places, and its lines in the queue. */
interface Try {
  places: readonly Place[];
  lines: readonly string[];
}

/**
 * Bounds the wrong tries of a password by account and by client, over all processes and all routes.
 *
 * A place is taken before the hash and given back unless the password was wrong. A right password gives back all places
 * of its client (or session), including those of tries still in progress, and no others. No account is locked
 * permanently: places come back at the end of a window.
 */
@Injectable()
export class LoginThrottle {
  private readonly queue = new LoginThrottleQueue();
  private readonly nameKey: Buffer;

  constructor(
    private readonly environment: Environment,
    private readonly limits: ExactLimits,
    private readonly refusals: RepeatedEvents,
    private readonly knownClients: KnownClients,
    ring: KeyRing,
  ) {
    [this.nameKey] = ring.derive('sign-in.unknown-name');
  }

  /**
   * Tries the password of a sign-in, unless there were too many wrong ones. A try that ends with an error does not
   * count, for example when the hash gate refuses it or the client hangs up.
   *
   * @param user the account; null for an unknown name, which is throttled in the same way
   * @param username the name as the database folds it; one value for all names that are too long
   * @throws AppError 429 auth.too_many_attempts with Retry-After; what `isRight` throws
   */
  async attempt(
    { user, username }: { user: { id: number } | null; username: string },
    caller: Caller,
    isRight: () => Promise<boolean>,
  ): Promise<boolean> {
    const { client } = caller;
    const account = user ? keyOf(user.id) : this.keyOfNobody(username);
    const isKnown = this.environment.RATE_LIMIT && (await this.knownClients.isKnown(user?.id ?? null, client));
    const budgets = signInBudgets(account, { client, isKnown }, this.environment);
    return this.try(budgets, user?.id ?? null, caller, isRight);
  }

  /** The same for the current password of a signed-in user. The session's budget applies. */
  async confirm(
    { userId, sessionId }: { userId: number; sessionId: string },
    caller: Caller,
    isRight: () => Promise<boolean>,
  ): Promise<boolean> {
    return this.try(confirmationBudgets(keyOf(userId), sessionId, this.environment), userId, caller, isRight);
  }

  /** Gives back every place of an account: tries of a password that has just been replaced no longer count. */
  async forgive(accountId: number): Promise<void> {
    await this.limits.clear(keyOf(accountId));
  }

  private async try(
    budgets: LoginBudgets,
    accountId: number | null,
    caller: Caller,
    isRight: () => Promise<boolean>,
  ): Promise<boolean> {
    const { places, lines } = await this.enter(budgets, accountId, caller);
    this.queue.enter(lines);
    let freed = true;
    try {
      const right = await isRight();
      if (right) await this.limits.giveBack(places, caller, budgets.own);
      freed = right;
      return right;
    } catch (error) {
      await this.limits.giveBack(places, caller);
      throw error;
    } finally {
      this.queue.leave(lines, freed);
    }
  }

  private async enter(budgets: LoginBudgets, accountId: number | null, caller: Caller): Promise<Try> {
    for (const deadline = performance.now() + this.environment.HASH_WAIT_MS; ;) {
      const { freed } = this.queue;
      const taken = await this.take(budgets, caller);
      if ('places' in taken) return taken;
      const line = lineOf(budgets, taken);
      const patience = deadline - performance.now();
      const mayBeFree = freed !== this.queue.freed || (await this.queue.wait(line, caller.signal, patience));
      if (!mayBeFree || patience <= 0) throw await this.refuse(budgets, taken, accountId, caller);
    }
  }

  private async take({ account, alternatives }: LoginBudgets, caller: Caller): Promise<Try | Refused> {
    const [first, ...others] = alternatives;
    let verdict = await this.limits.take(first, caller);
    let budgets = first;
    for (budgets of others) {
      if (verdict.admitted || verdict.full.some(({ key }) => key !== account)) break;
      verdict = await this.limits.take(budgets, caller);
    }
    return verdict.admitted ? { places: verdict.places, lines: budgets.flatMap(linesOf) } : verdict;
  }

  private async refuse(
    budgets: LoginBudgets,
    { full }: Refused,
    accountId: number | null,
    caller: Caller,
  ): Promise<AppError> {
    // Recorded by client if the client's budget is full too: a client may try a thousand accounts.
    const client = full.find(({ key }) => key !== budgets.account);
    const { key, resetSeconds } = client ?? full[0] ?? { key: budgets.account, resetSeconds: 1 };
    const data = { limit: client ? 'client' : 'account' };
    const event = { action: 'login.throttled', outcome: 'failure', actorId: null, subjectId: accountId } as const;
    await this.refusals.record(key, { ...event, caller, data });
    if (!client) noteLimit(caller, { limit: budgets.most, remaining: 0, resetSeconds });
    // If unfinished tries hold the places, some may come back in a moment.
    const isBusy = this.queue.isBusy(lineOf(budgets, { full }));
    return this.limits.refusal(LOGIN_POLICY, tooManyAttempts, isBusy ? 1 : resetSeconds);
  }

  /** One key for all spellings of a name. Not the name itself: people type passwords into the wrong field. */
  private keyOfNobody(username: string): string {
    return `login:nobody:${createHmac('sha256', this.nameKey).update(username).digest('base64url')}`;
  }
}

function keyOf(accountId: number): string {
  return `login:user:${accountId}`;
}

/** The lines of a try that holds places of a budget: tries that wait in them may get those places. */
function linesOf({ key, shares }: Budget): string[] {
  return shares ? Object.keys(shares).map((share) => `${key} ${share}`) : [key];
}

/** The line in which a refused try waits. */
function lineOf({ account, line }: LoginBudgets, { full }: Pick<Refused, 'full'>): string {
  return full.find(({ key }) => key !== account)?.key ?? `${account} ${line}`;
}
