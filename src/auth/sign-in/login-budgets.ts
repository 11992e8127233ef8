import { type BudgetKeys, shareName } from '../../platform/rate-limit/budgets.js';
import type { LimitPolicy } from '../../platform/rate-limit/limit-policy.js';
import { confirmationLimit, loginLimit } from './sign-in.limits.js';

/** The budgets of one attempt. */
export interface LoginBudgets {
  policy: LimitPolicy;
  /** Alternative sets of budgets. The first one with a free slot counts the attempt. */
  alternatives: readonly [BudgetKeys, ...BudgetKeys[]];
  /** The share of the account's budget whose queue a refused attempt joins. */
  queue: string;
  /** Shares of the account's budget that a correct password releases. */
  ownShares: readonly string[];
}

/**
 * The budgets of a sign-in.
 *
 * The first attempts of a known client count separately, later ones toward the shared budget. While nobody else attempts
 * to sign in, it therefore has as many attempts as an unknown client. The number of attempts does not reveal whether the
 * account exists.
 *
 * @param account one key, or several keys that all count the attempts
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

/** The budget of attempts to confirm the current password in a session. */
export function confirmationBudgets(account: string, sessionId: string): LoginBudgets {
  const session = shareName('session SESSION', sessionId);
  return {
    policy: confirmationLimit,
    alternatives: [{ session: { key: account, share: sessionId } }],
    queue: session,
    ownShares: [session],
  };
}
