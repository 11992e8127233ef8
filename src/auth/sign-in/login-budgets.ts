import { type BudgetKeys, shareName } from '../../platform/rate-limit/budgets.js';
import type { LimitPolicy } from '../../platform/rate-limit/limit-policy.js';
import { confirmationLimit, loginLimit } from './sign-in.limits.js';

/** The budgets of one try, and the shares that a right password releases. */
export interface LoginBudgets {
  policy: LimitPolicy;
  /** Alternative sets of budgets: the first one that has a place for the try counts it. */
  alternatives: readonly [BudgetKeys, ...BudgetKeys[]];
  /** The share of this client or session alone. A refused try waits for a place in it. */
  queue: string;
  /** Shares of the account's budget that a right password releases. */
  ownShares: readonly string[];
}

/**
 * The budgets of a sign-in.
 *
 * The first tries of a known client count separately, later ones toward the shared budget. While nobody else tries, it
 * therefore has as many tries as any other client: the number of answers does not show that the account exists.
 *
 * @param account one key, or several under which the tries are counted alike
 */
export function signInBudgets(
  account: string | readonly string[],
  { client, isKnown }: { client: string; isKnown: boolean },
): LoginBudgets {
  const key = { key: account, share: client };
  const [unknown, known] = [shareName('client CLIENT', client), shareName('known CLIENT', client)];
  const both = { policy: loginLimit, ownShares: [unknown, known] };
  return isKnown
    ? {
        ...both,
        queue: known,
        alternatives: [
          { client, knownClient: key },
          { client, knownClientShared: key },
        ],
      }
    : { ...both, queue: 'shared', alternatives: [{ client, unknownClient: key }] };
}

/** The budget of confirmations of the current password in a session. */
export function confirmationBudgets(account: string, sessionId: string): LoginBudgets {
  const session = shareName('session SESSION', sessionId);
  return {
    policy: confirmationLimit,
    alternatives: [{ session: { key: account, share: sessionId } }],
    queue: session,
    ownShares: [session],
  };
}
