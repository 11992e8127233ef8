import { type BudgetRule, defineLimit, fromSetting } from '../../platform/rate-limit/limit-policy.js';
import type { UserSettings } from '../../users/user.settings.js';
import { tooManyAttempts, tooManyRegistrations } from './sign-in.errors.js';
import type { SignInSettings } from './sign-in.settings.js';

/** Wrong passwords for one account in a window, over all budgets of its password (NIST SP 800-63B section 5.2.2). */
const MAX_FAILURES = 100;
/** The part of MAX_FAILURES that unknown clients cannot use, even with a higher RATE_LIMIT_LOGIN_ACCOUNT. */
const RESERVED_FOR_OWNER = 10;

const SHARED_ATTEMPTS = fromSetting<SignInSettings>('RATE_LIMIT_LOGIN_ACCOUNT');
/** Attempts of a known client or a session, independent of other clients. */
const OWN_ATTEMPTS = fromSetting<SignInSettings>('RATE_LIMIT_LOGIN_ACCOUNT', { atMost: 5 });

const WINDOW = { windowMinutes: fromSetting<SignInSettings>('RATE_LIMIT_LOGIN_WINDOW_MINUTES') } as const;
/** Responses do not show the state of these budgets: it would reveal that the account exists and what its owner does. */
const OF_ACCOUNT = { key: 'login', by: 'name', ...WINDOW, hidden: true } as const satisfies Partial<BudgetRule>;

/** Wrong passwords at sign-in. `LoginThrottle` reserves a slot before the hash. */
export const loginLimit = defineLimit({
  name: 'login',
  at: 'flow',
  answer: tooManyAttempts,
  budgets: {
    client: {
      about: 'wrong passwords from a client, for all accounts',
      key: 'login:client',
      by: 'client',
      most: fromSetting<SignInSettings>('RATE_LIMIT_LOGIN_CLIENT'),
      ...WINDOW,
    },
    unknownClient: {
      about: 'wrong passwords for an account or an unknown name, from unknown clients',
      ...OF_ACCOUNT,
      most: MAX_FAILURES - RESERVED_FOR_OWNER,
      shares: { 'client CLIENT': SHARED_ATTEMPTS, shared: SHARED_ATTEMPTS },
    },
    knownClient: {
      about: 'first wrong passwords for an account from a known client',
      ...OF_ACCOUNT,
      most: MAX_FAILURES,
      shares: { 'known CLIENT': OWN_ATTEMPTS },
    },
    knownClientShared: {
      about: 'further wrong passwords for an account from a known client',
      ...OF_ACCOUNT,
      most: MAX_FAILURES - RESERVED_FOR_OWNER,
      shares: { 'known CLIENT': SHARED_ATTEMPTS, shared: SHARED_ATTEMPTS },
    },
  },
});

/**
 * Wrong current passwords in a session. Not counted by client, because everybody behind the same address could exhaust
 * such a budget.
 */
export const confirmationLimit = defineLimit({
  name: 'confirmation',
  metric: loginLimit.metric,
  at: 'flow',
  answer: tooManyAttempts,
  budgets: {
    session: {
      about: 'wrong current passwords in a session',
      ...OF_ACCOUNT,
      most: MAX_FAILURES,
      shares: { 'session SESSION': OWN_ATTEMPTS },
    },
  },
});

/** Registrations. Requests with an invalid body, and requests that the hash queue refuses at once, do not count. */
export const registrationLimit = defineLimit({
  name: 'register',
  at: 'flow',
  answer: tooManyRegistrations,
  budgets: {
    client: {
      about: 'registrations from a client',
      key: 'register:client',
      by: 'client',
      most: fromSetting<UserSettings>('RATE_LIMIT_REGISTER_PER_HOUR'),
      windowMinutes: 60,
    },
  },
});
