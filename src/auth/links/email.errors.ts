import { defineError } from '../../platform/http/error-catalogue.js';

export const emailNotVerified = defineError({
  code: 'auth.email_not_verified',
  status: 403,
  detail: 'Email not verified',
  about:
    'Name and password are right, but the account’s address has not been verified yet, which `EMAIL_VERIFICATION=required` asks of new accounts. Open the link in the message, or ask for another one.',
});

export const emailUnchanged = defineError({
  code: 'auth.email_unchanged',
  status: 400,
  detail: 'This is the address of the account already',
  about: 'The new e-mail address is the one that the account has. Nothing is to be confirmed.',
});

export const tooManyMessages = defineError({
  code: 'auth.too_many_messages',
  status: 429,
  detail: 'Too many messages. Please try again later.',
  about:
    'One client requested too many messages within an hour, or the owner of an account requested too many changes of its address (`MAIL_LIMIT_PER_HOUR`). Wait `Retry-After` seconds.',
});
