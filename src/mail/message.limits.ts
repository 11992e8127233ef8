import { type BudgetRule, defineLimit, fromSetting } from '../platform/rate-limit/limit-policy.js';
import type { MailTemplate } from './messages/mail-variables.js';
import type { MailSettings } from './settings/mail.settings.js';

/** Messages of MAIL_LIMIT_PER_HOUR reserved for requested links, one per purpose. `requestedLinkLimit` counts those. */
const RESERVED_FOR_REQUESTED_LINKS = 2;

/**
 * Notices of a possible account takeover. The first of each kind per hour has its own slot, so other messages cannot
 * suppress it.
 */
export const NOTICES: ReadonlySet<MailTemplate> = new Set(['password-changed', 'email-changed', 'account-deleted']);

const RESERVED = RESERVED_FOR_REQUESTED_LINKS + NOTICES.size;

const LIMIT = 'MAIL_LIMIT_PER_HOUR';
const PER_HOUR = { windowMinutes: 60 } as const;
const TO_UNVERIFIED = { key: 'mail:address', by: 'address', ...PER_HOUR } as const satisfies Partial<BudgetRule>;

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
      ...PER_HOUR,
    },
    verified: {
      about: 'messages of one kind to a verified address',
      key: 'mail:verified',
      by: 'address',
      most: fromSetting<MailSettings>(LIMIT),
      ...PER_HOUR,
    },
    notice: {
      about:
        'first notice of one kind (`password-changed`, `email-changed`, `account-deleted`) to an unverified address',
      key: 'mail:notice',
      by: 'address',
      most: 1,
      ...PER_HOUR,
    },
    unverified: {
      about: 'other messages to an unverified address',
      ...TO_UNVERIFIED,
      most: fromSetting<MailSettings>(LIMIT, { less: RESERVED, atLeast: 1 }),
    },
    // One less than `unverified`, which leaves a slot for the other messages.
    yielding: {
      about: '`new-sign-in`, `welcome` and `username-changed` to an unverified address',
      ...TO_UNVERIFIED,
      most: fromSetting<MailSettings>(LIMIT, { less: RESERVED + 1, atLeast: 1 }),
    },
  },
});
