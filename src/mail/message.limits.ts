import { type BudgetRule, defineLimit, fromSetting } from '../platform/rate-limit/limit-policy.js';
import type { MailTemplate } from './messages/mail-variables.js';
import type { MailSettings } from './settings/mail.settings.js';

/** Places of MAIL_LIMIT_PER_HOUR reserved for requested links, one for each purpose. Their own limit counts those. */
const RESERVED_FOR_REQUESTED_LINKS = 2;

/** Notices of the loss of an account. The first of each in an hour has its own place, so that no other message hides it. */
export const NOTICES: ReadonlySet<MailTemplate> = new Set(['password-changed', 'email-changed', 'account-deleted']);

const RESERVED = RESERVED_FOR_REQUESTED_LINKS + NOTICES.size;

const LIMIT = 'MAIL_LIMIT_PER_HOUR';
const AN_HOUR = { windowMinutes: 60 } as const;
const TO_UNVERIFIED = { key: 'mail:address', by: 'address', ...AN_HOUR } as const satisfies Partial<BudgetRule>;

/** Messages to an address, over all accounts. `MailLimits` says which budget a message counts toward. */
export const messageLimit = defineLimit({
  name: 'message',
  at: 'flow',
  answer: null,
  budgets: {
    once: {
      about: 'times that one message counts, over all retries',
      key: 'mail:order',
      by: 'message',
      most: 1,
      ...AN_HOUR,
    },
    verified: {
      about: 'messages of one kind to a verified address',
      key: 'mail:verified',
      by: 'address',
      most: fromSetting<MailSettings>(LIMIT),
      ...AN_HOUR,
    },
    notice: {
      about:
        'first notice of one kind (`password-changed`, `email-changed`, `account-deleted`) to an unverified address',
      key: 'mail:notice',
      by: 'address',
      most: 1,
      ...AN_HOUR,
    },
    unverified: {
      about: 'other messages to an unverified address',
      ...TO_UNVERIFIED,
      most: fromSetting<MailSettings>(LIMIT, { less: RESERVED, atLeast: 1 }),
    },
    // They leave one place to the others.
    yielding: {
      about: '`new-sign-in`, `welcome` and `username-changed` to an unverified address',
      ...TO_UNVERIFIED,
      most: fromSetting<MailSettings>(LIMIT, { less: RESERVED + 1, atLeast: 1 }),
    },
  },
});
