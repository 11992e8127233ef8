import { defineError } from '../../platform/http/error-catalogue.js';

export const invalidLink = defineError({
  code: 'auth.invalid_link',
  status: 400,
  detail: 'Invalid or expired link',
  about:
    'The token is unknown, used, expired or revoked, or the address of the account has changed since the message was sent. The response does not distinguish these cases. Request another message.',
});
