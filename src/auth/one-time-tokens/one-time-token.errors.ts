import { defineError } from '../../platform/http/error-catalogue.js';

export const invalidLink = defineError({
  code: 'auth.invalid_link',
  status: 400,
  detail: 'Invalid or expired link',
  about:
    'The token of a message is unknown, used, expired or revoked, or the account has another address than the one the message was sent to; the answer does not say which. Request another message.',
});
