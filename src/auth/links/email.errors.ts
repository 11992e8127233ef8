import { defineError } from '../../platform/http/error-catalogue.js';

export const emailNotVerified = defineError({
  code: 'auth.email_not_verified',
  status: 403,
  detail: 'Email not verified',
  about:
    'The username and the password are correct, but the e-mail address of the account is not verified (`EMAIL_VERIFICATION=required`). Open the link in the message, or request another message.',
});

export const emailUnchanged = defineError({
  code: 'auth.email_unchanged',
  status: 400,
  detail: 'This is already the address of the account',
  about: 'The new e-mail address is the current address of the account. No change is necessary.',
});

export const tooManyMessages = defineError({
  code: 'auth.too_many_messages',
  status: 429,
  detail: 'Too many messages. Please try again later.',
  about:
    'The client requested too many messages within an hour, the owner of an account requested too many changes of its address (`MAIL_LIMIT_PER_HOUR`), or the client requested too many changes to an address that another account has. Wait `Retry-After` seconds.',
});
