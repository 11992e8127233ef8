import { type BudgetRule, defineLimit, fromSetting } from '../../platform/rate-limit/limit-policy.js';
import type { UserSettings } from '../../users/user.settings.js';
import { tooManyAttempts, tooManyRegistrations } from './sign-in.errors.js';
import type { SignInSettings } from './sign-in.settings.js';

/** Wrong passwords of one account in a window, over all its budgets together (NIST SP 800-63B section 5.2.2). */
const MAX_FAILURES = 100;
/** The part of these that strangers cannot use up, whatever RATE_LIMIT_LOGIN_ACCOUNT allows. */
const RESERVED_FOR_OWNER = 10;

const SHARED_ATTEMPTS = fromSetting<SignInSettings>('RATE_LIMIT_LOGIN_ACCOUNT');
/** Tries of a known client or a session, independent of the tries of others. */
const OWN_ATTEMPTS = fromSetting<SignInSettings>('RATE_LIMIT_LOGIN_ACCOUNT', { atMost: 5 });

const WINDOW = { windowMinutes: fromSetting<SignInSettings>('RATE_LIMIT_LOGIN_WINDOW_MINUTES') } as const;
/** An account is never shown its own state: it would tell a stranger what the owner does, and that the account exists. */
const OF_ACCOUNT = { key: 'login', by: 'name', ...WINDOW, hidden: true } as const satisfies Partial<BudgetRule>;

/** Wrong passwords at sign-in. `LoginThrottle` reserves a place before the hash. */
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
 * Wrong current passwords in a session. It does not count by client, because everybody behind the same address could
 * spend that budget.
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

/** Registrations. The flow reserves the place: a request with an invalid body, or shed by the hash queue, does not count. */
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
