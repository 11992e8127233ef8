import type { MailSettings } from '../../mail/settings/mail.settings.js';
import { defineLimit, fromSetting } from '../../platform/rate-limit/limit-policy.js';
import { enumerationBudget } from '../../users/enumeration-limit.js';
import { tooManyMessages } from './email.errors.js';

/** Anonymous requests for links. Counted for any address, so that the response reveals nothing about an account. */
export const linkRequestLimit = defineLimit({
  name: 'mail',
  at: 'route',
  answer: tooManyMessages,
  budgets: {
    client: {
      about: 'links requested from a client',
      key: 'mail:client',
      by: 'client',
      // High, because the clients in an office share an address.
      most: 100,
      windowMinutes: 60,
    },
  },
});

/** Requested links that a job sends to one address. It has no error, because the request has already been answered. */
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
      // Less than half of the lifetime of every requested link, so that the mailbox always contains a valid link.
      windowMinutes: 10,
    },
  },
});

/** Changes of the address that the signed-in owner requests with the password. */
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
