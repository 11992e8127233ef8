import type { MailSettings } from '../../mail/settings/mail.settings.js';
import { defineLimit, fromSetting } from '../../platform/rate-limit/limit-policy.js';
import { enumerationBudget } from '../../users/enumeration-limit.js';
import { tooManyMessages } from './email.errors.js';

/** Requests for a link by anybody, for any address, so that the answer reveals nothing about an account. */
export const linkRequestLimit = defineLimit({
  name: 'mail',
  at: 'route',
  answer: tooManyMessages,
  budgets: {
    client: {
      about: 'links requested from a client',
      key: 'mail:client',
      by: 'client',
      // High, because an office shares an address.
      most: 100,
      windowMinutes: 60,
    },
  },
});

/** Links that a job sends to one address. Nobody waits for the job: the request has been answered. */
export const requestedLinkLimit = defineLimit({
  name: 'requested-link',
  at: 'flow',
  answer: null,
  budgets: {
    address: {
      about: 'requested links for one purpose to an address',
      key: 'mail:requested',
      by: 'address',
      most: 1,
      // Less than half of the life of every requested link, so that the mailbox always has a link that works.
      windowMinutes: 10,
    },
  },
});

/** Changes of the address, requested by the signed-in owner after the password was verified. */
export const addressChangeLimit = defineLimit({
  name: 'address-change',
  metric: linkRequestLimit.metric,
  at: 'flow',
  answer: tooManyMessages,
  budgets: {
    account: {
      about: 'changes of the address, requested by the owner of an account',
      key: 'mail:owner',
      by: 'account',
      most: fromSetting<MailSettings>('MAIL_LIMIT_PER_HOUR'),
      windowMinutes: 60,
      hidden: true,
    },
    taken: enumerationBudget,
  },
});
