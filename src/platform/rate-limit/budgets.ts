import type { SettingValues } from '../config/setting-values.js';
import { networksOf } from '../http/client-networks.js';
import { type BudgetRule, type LimitPolicy, resolveAmount } from './limit-policy.js';

/** A limit on the number of events under one key. */
export interface Budget {
  /** The key that events are counted under: `login:client:192.0.2.1`. */
  key: string;
  /** Maximum number of slots in a window, which begins with the first slot. */
  most: number;
  windowSeconds: number;
  /** The maximum of each share that a slot counts toward. */
  shares?: Readonly<Record<string, number>>;
  hidden?: true;
}

/** The key of a budget: one value, several values with a budget each, or these with the value of the shares. */
export type BudgetKey = string | number | readonly string[] | { key: string | readonly string[]; share: string };

/** The keys of the budgets to reserve, by budget name. Budgets without a key are left out. */
export type BudgetKeys<Name extends string = string> = Readonly<Partial<Record<Name, BudgetKey>>>;

export function budgetsOf<Name extends string>(
  policy: LimitPolicy<Name>,
  keys: BudgetKeys<Name>,
  settings: SettingValues,
): Budget[] {
  return (Object.entries(keys) as [Name, BudgetKey][]).flatMap(([name, key]) =>
    budgetsUnder(policy.budgets[name], key, settings),
  );
}

/** Replaces the capitals in the name of a share by a value: `known CLIENT` becomes `known 192.0.2.1`. */
export function shareName(name: string, value: string): string {
  return name.replace(/[A-Z]+$/, value);
}

function budgetsUnder(rule: BudgetRule, key: BudgetKey, settings: SettingValues): Budget[] {
  if (typeof key === 'object' && 'share' in key) {
    return [key.key].flat().map((one) => budgetOf(rule, { key: one, share: key.share }, settings));
  }
  const values = [key].flat().map(String);
  const counted = rule.by === 'client' ? values.flatMap(networksOf) : values.map((network) => ({ network, times: 1 }));
  return counted.map(({ network, times }) => budgetOf(rule, { key: network, times }, settings));
}

function budgetOf(
  rule: BudgetRule,
  { key, times = 1, share }: { key: string; times?: number; share?: string },
  settings: SettingValues,
): Budget {
  return {
    key: `${rule.key}:${key}`,
    most: resolveAmount(rule.most, settings) * times,
    windowSeconds: resolveAmount(rule.windowMinutes, settings) * 60,
    ...(rule.hidden ? { hidden: rule.hidden } : {}),
    ...(share === undefined ? {} : { shares: sharesOf(rule, share, settings) }),
  };
}

function sharesOf({ shares = {} }: BudgetRule, value: string, settings: SettingValues): Record<string, number> {
  return Object.fromEntries(
    Object.entries(shares).map(([name, most]) => [shareName(name, value), resolveAmount(most, settings)]),
  );
}
