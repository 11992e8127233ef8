import { defineError } from '../../../platform/http/error-catalogue.js';

export const wrongPassword = defineError({
  code: 'auth.wrong_password',
  status: 400,
  detail: 'Incorrect password',
  about: 'The current password in the request is wrong. A session has five tries in a window.',
});
