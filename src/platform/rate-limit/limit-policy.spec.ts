/** @own-sources because it declares errors, permissions or limits */
import { DataSource } from 'typeorm';
import type { PlatformSettings } from '../config/platform-settings.js';
import { SettingValues } from '../config/setting-values.js';
import type { Caller } from '../http/caller.js';
import { Metrics } from '../metrics/metrics.js';
import { budgetsOf } from './budgets.js';
import { type BudgetRule, defineLimit, resolveAmount } from './limit-policy.js';
import { MemoryCounters } from './memory-counters.js';
import { RateLimitMetrics } from './rate-limit-metrics.js';
import { RateLimitStore } from './rate-limit-store.js';
import { RateLimits } from './rate-limits.js';

const values = new SettingValues({ MAIL_LIMIT_PER_HOUR: 5, APP_NAME: 'Shop' });
const rule = {
  about: 'attempts',
  key: 'attempt',
  by: 'account',
  most: 3,
  windowMinutes: 2,
} as const satisfies BudgetRule;

describe('defineLimit', () => {
  it('refuses a second policy with the same name', () => {
    const define = () => defineLimit({ name: 'twice', at: 'flow', answer: null, budgets: { account: rule } });
    define();
    expect(define).toThrow('the limit twice is declared twice');
  });

  it('refuses a policy at the route whose key is not the client', () => {
    expect(() => defineLimit({ name: 'late', at: 'route', answer: null, budgets: { account: rule } })).toThrow(
      'the limit late is enforced by the route, so it must count by client',
    );
  });
});

describe('resolveAmount', () => {
  it.each([
    [7, 7],
    [{ setting: 'MAIL_LIMIT_PER_HOUR' }, 5],
    [{ setting: 'MAIL_LIMIT_PER_HOUR', atMost: 4 }, 4],
    [{ setting: 'MAIL_LIMIT_PER_HOUR', less: 6, atLeast: 1 }, 1],
  ] as const)('reads %j', (amount, value) => {
    expect(resolveAmount(amount, values)).toBe(value);
  });

  it.each(['APP_NAME', 'NO_SETTING'])('refuses %s, which does not hold a number', (setting) => {
    expect(() => resolveAmount({ setting }, values)).toThrow(`${setting} is not a setting with a number`);
  });
});

describe('budgetsOf', () => {
  const policy = { name: 'test', metric: 'test', at: 'flow', answer: null } as const;

  it('returns a budget for each IPv6 network of a client', () => {
    const client = { ...rule, by: 'client' } as const;
    const budgets = budgetsOf({ ...policy, budgets: { client } }, { client: '2001:db8:1:2::/64' }, values);
    expect(budgets.map(({ key, most }) => [key, most])).toEqual([
      ['attempt:2001:db8:1:2::/64', 3],
      ['attempt:2001:db8:1:0::/56', 12],
      ['attempt:2001:db8:1::/48', 48],
    ]);
  });

  it('puts the value from the caller into the names of the shares', () => {
    const account = { ...rule, shares: { 'known CLIENT': 2, shared: 1 } };
    const keys = { account: { key: '42', share: '192.0.2.1' } };
    expect(budgetsOf({ ...policy, budgets: { account } }, keys, values)).toEqual([
      { key: 'attempt:42', most: 3, windowSeconds: 120, shares: { 'known 192.0.2.1': 2, shared: 1 } },
    ]);
  });
});

describe('RateLimits.reserve', () => {
  const store = new RateLimitStore(new DataSource({ type: 'postgres' }));
  const limits = new RateLimits(
    store,
    { RATE_LIMIT: false } as PlatformSettings,
    values,
    new RateLimitMetrics(new Metrics(), new MemoryCounters(0)),
  );
  const policy = defineLimit({ name: 'declared', at: 'flow', answer: null, budgets: { account: rule } });
  afterAll(() => store.onModuleDestroy());

  it('refuses a policy that the route does not declare, even with RATE_LIMIT=off', async () => {
    const caller = (rateLimits: object[]) => ({ routeConfig: { rateLimits } }) as Caller;
    await expect(limits.reserve(policy, { account: 1 }, caller([]))).rejects.toThrow(
      'the route does not declare @RateLimit of declared',
    );
    expect((await limits.reserve(policy, { account: 1 }, caller([policy]))).refused).toBe(false);
  });
});
