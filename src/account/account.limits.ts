import { defineLimit } from '../platform/rate-limit/limit-policy.js';
import { enumerationBudget } from '../users/enumeration-limit.js';
import { tooManyRenames } from '../users/users.errors.js';
import { tooManyExports } from './account.errors.js';

export const exportLimit = defineLimit({
  name: 'export',
  at: 'flow',
  answer: tooManyExports,
  budgets: {
    account: { about: 'exports of an account', key: 'export:account', by: 'account', most: 10, windowMinutes: 60 },
  },
});

/** Changes of the username, including refused changes to a taken one. Other changes of the profile do not count. */
export const renameLimit = defineLimit({
  name: 'rename',
  at: 'flow',
  answer: tooManyRenames,
  budgets: {
    account: { about: 'changes of the username', key: 'rename:account', by: 'account', most: 10, windowMinutes: 60 },
    taken: enumerationBudget,
  },
});
