import { defineError } from '../../../platform/http/error-catalogue.js';

export const wrongPassword = defineError({
  code: 'auth.wrong_password',
  status: 400,
  detail: 'Incorrect password',
  about:
    'The current password in the request is incorrect. A session has five attempts per window (`RATE_LIMIT_LOGIN_WINDOW_MINUTES`).',
});
