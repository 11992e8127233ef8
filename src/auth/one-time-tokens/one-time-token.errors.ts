import { defineError } from '../../platform/http/error-catalogue.js';

export const invalidLink = defineError({
  code: 'auth.invalid_link',
  status: 400,
  detail: 'Invalid or expired link',
  about:
    'The token of a message is unknown, used, expired, or a newer message or a change of the account has taken its place; which of these is never told. Ask for another message.',
});
