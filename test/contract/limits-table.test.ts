import '../../src/app.module.js';
import { loadEnvironment } from '../../src/settings/load-environment.js';
import { SettingValues } from '../../src/platform/config/setting-values.js';
import { type Amount, type BudgetRule, limitPolicies } from '../../src/platform/rate-limit/limit-policy.js';
import { expectGeneratedTable } from '../support/markdown-table.js';
import { TEST_SECRET } from '../support/test-app.js';

const { environment } = loadEnvironment({ SECRET_KEY: TEST_SECRET, PGHOST: 'none', ENV_FILE: '/dev/null' });
const values = new SettingValues(environment);

const WORDS: Readonly<Record<BudgetRule['by'], string>> = {
  client: 'CLIENT',
  account: 'ID',
  name: 'NAME',
  address: 'ADDRESS',
  message: 'MESSAGE',
};

/** An amount, with the default of its setting in parentheses. */
function amountText(amount: Amount): string {
  if (typeof amount === 'number') return String(amount);
  const { setting, less, atLeast, atMost } = amount;
  return [
    `\`${setting}\` (${values.number(setting)})${less === undefined ? '' : ` - ${less}`}`,
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ].join(', ');
}

function placesText({ most, shares = {} }: BudgetRule): string {
  const ofShares = Object.entries(shares).map(([name, amount]) => `share \`${name}\`: ${amountText(amount)}`);
  return [amountText(most), ...ofShares].join('; ');
}

describe('docs/operations/rate-limits.md', () => {
  it('has the table of limits generated from the source (UPDATE_GENERATED=1 writes it)', () => {
    const rows = limitPolicies().flatMap(({ name, metric, at, answer, budgets }) =>
      Object.values(budgets).map((budget) => [
        `\`${name}\``,
        budget.about,
        `\`${budget.key}:${WORDS[budget.by]}\``,
        placesText(budget),
        amountText(budget.windowMinutes),
        at,
        answer ? `\`${answer.code}\`` : 'none',
        answer ? `\`${metric}\`` : 'none',
      ]),
    );
    const head = ['policy', 'budget', 'key', 'limit', 'minutes', 'at', 'error', 'metric'];
    expectGeneratedTable('docs/operations/rate-limits.md', 'limits', [head, ...rows]);
  });
});
