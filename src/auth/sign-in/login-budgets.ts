import type { Environment } from '../../platform/config/environment.js';
import { clientBudgets } from '../../platform/rate-limit/client-budgets.js';
import type { Budget } from '../../platform/rate-limit/exact-limits.js';

/** Wrong passwords of one account in a window, over all its budgets together (NIST SP 800-63B section 5.2.2). */
const MOST_FAILURES = 100;
/** The part of these that strangers cannot use up, whatever RATE_LIMIT_LOGIN_ACCOUNT allows. */
const KEPT_FOR_OWNER = 10;
/**
 * Tries of a known client or a session, independent of the tries of others; fewer if RATE_LIMIT_LOGIN_ACCOUNT is lower.
 */
const OWN_TRIES = 5;

/** The budgets of one try, and the shares that a right password gives back. */
export interface LoginBudgets {
  /** Key of the account's budget. Every try for the account counts toward it. */
  account: string;
  /** The limit that the 429 of the account's budget shows. */
  most: number;
  /** Alternative sets of budgets: the first one that admits the try counts it. */
  alternatives: readonly [readonly Budget[], ...(readonly Budget[])[]];
  /** The share of this client or session alone. A refused try waits for a place in it. */
  line: string;
  /** Shares of the account's budget that a right password gives back. */
  own: readonly string[];
}

/**
 * The budgets of a sign-in.
 *
 * The first tries of a known client count separately, later ones toward the shared budget. While nobody else tries, it
 * therefore has as many tries as any other client: the number of answers does not show that the account exists.
 */
export function signInBudgets(
  account: string,
  { client, isKnown }: { client: string; isKnown: boolean },
  environment: Environment,
): LoginBudgets {
  const { RATE_LIMIT_LOGIN_ACCOUNT: most, RATE_LIMIT_LOGIN_CLIENT } = environment;
  const windowSeconds = windowOf(environment);
  const clients = clientBudgets('login:client', client, RATE_LIMIT_LOGIN_CLIENT, windowSeconds);
  const [unknown, known] = [`client ${client}`, `known ${client}`];
  const of = (total: number, shares: Record<string, number>): Budget[] => [
    { key: account, most: total, windowSeconds, shares, hidden: true },
    ...clients,
  ];
  const forStrangers = MOST_FAILURES - KEPT_FOR_OWNER;
  const both = { account, most, own: [unknown, known] };
  return isKnown
    ? {
        ...both,
        line: known,
        alternatives: [
          of(MOST_FAILURES, { [known]: ownTriesOf(environment) }),
          of(forStrangers, { [known]: most, shared: most }),
        ],
      }
    : { ...both, line: 'shared', alternatives: [of(forStrangers, { [unknown]: most, shared: most })] };
}

/**
 * The budget of confirmations of the current password in a session. It is independent of the client's budget, which
 * everybody behind the same address can spend.
 */
export function confirmationBudgets(account: string, sessionId: string, environment: Environment): LoginBudgets {
  const session = `session ${sessionId}`;
  const most = ownTriesOf(environment);
  const windowSeconds = windowOf(environment);
  const budget: Budget = {
    key: account,
    most: MOST_FAILURES,
    windowSeconds,
    shares: { [session]: most },
    hidden: true,
  };
  return { account, most, alternatives: [[budget]], line: session, own: [session] };
}

function ownTriesOf({ RATE_LIMIT_LOGIN_ACCOUNT }: Environment): number {
  return Math.min(OWN_TRIES, RATE_LIMIT_LOGIN_ACCOUNT);
}

function windowOf({ RATE_LIMIT_LOGIN_WINDOW_MINUTES }: Environment): number {
  return RATE_LIMIT_LOGIN_WINDOW_MINUTES * 60;
}
