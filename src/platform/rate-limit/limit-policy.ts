import type { SettingValues } from '../config/setting-values.js';
import type { ErrorType } from '../http/error-catalogue.js';

interface Bounds {
  less?: number;
  atLeast?: number;
  atMost?: number;
}

/** A number, or the value of a setting within bounds. */
export type Amount = number | ({ setting: string } & Bounds);

/** The names of the numbers in a settings class. */
type NumberSetting<Settings> = {
  [Name in keyof Settings]-?: Settings[Name] extends number ? Name : never;
}[keyof Settings] &
  string;

/** The value of a setting within bounds: `fromSetting<MailSettings>('MAIL_LIMIT_PER_HOUR', { atMost: 4 })`. */
export function fromSetting<Settings>(setting: NumberSetting<Settings>, bounds: Bounds = {}): Amount {
  return { setting, ...bounds };
}

/** A budget of a policy: the maximum number of events under one key in a window. */
export interface BudgetRule {
  /** The events that the budget limits, for docs/operations/rate-limits.md. */
  about: string;
  /** Prefix of its keys. Do not change it: rows of earlier releases use it. */
  key: string;
  /**
   * The kind of key. A budget by client also exists for the client's wider IPv6 networks. A `name` is an account, or a
   * username that no account has.
   */
  by: 'client' | 'account' | 'name' | 'address' | 'message';
  most: Amount;
  windowMinutes: Amount;
  /**
   * Named shares of the budget that a slot counts toward, with their own maximums: `known CLIENT`. The caller provides
   * the value of the word in capitals. All slots of a share can be released without those of other shares. Each slot is
   * stored separately, so `most` must be small.
   */
  shares?: Readonly<Record<string, Amount>>;
  /** The state of this budget is not shown to the caller, for example because others can change it. */
  hidden?: true;
}

/** A limit with one or more budgets, and the error for requests that exceed it. */
export interface LimitPolicy<Name extends string = string> {
  /** Unique name, shown in the table of routes. */
  name: string;
  /** Label in `rate_limited_total`; several policies may share one. */
  metric: string;
  /**
   * Where it is enforced. `route`: in a hook of every route with `@RateLimit(policy)`, before the body is read; all its
   * budgets are by client. `flow`: in the code that knows the keys, with `RateLimits.reserve`.
   */
  at: 'route' | 'flow';
  /** The 429; null if there is no request to answer. */
  answer: ErrorType | null;
  budgets: Readonly<Record<Name, BudgetRule>>;
}

const table = new Map<string, LimitPolicy>();

/**
 * Adds a policy to the table of limits. Each feature declares its own policies next to its errors.
 *
 * @throws RangeError for a duplicate name, and for a policy whose keys a route cannot know before the body is read
 */
export function defineLimit<Name extends string>(
  definition: Omit<LimitPolicy<Name>, 'metric'> & { metric?: string },
): LimitPolicy<Name> {
  const { name, at, budgets } = definition;
  if (table.has(name)) throw new RangeError(`the limit ${name} is declared twice`);
  if (at === 'route' && Object.values<BudgetRule>(budgets).some(({ by }) => by !== 'client')) {
    throw new RangeError(`the limit ${name} is enforced by the route, so it must count by client`);
  }
  const policy = { metric: name, ...definition };
  table.set(name, policy);
  return policy;
}

/** Every declared policy, sorted by name. */
export function limitPolicies(): readonly LimitPolicy[] {
  return [...table.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export function resolveAmount(amount: Amount, settings: SettingValues): number {
  if (typeof amount === 'number') return amount;
  const { setting, less = 0, atLeast = -Infinity, atMost = Infinity } = amount;
  return Math.min(atMost, Math.max(atLeast, settings.number(setting) - less));
}
