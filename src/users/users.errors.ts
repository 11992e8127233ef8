import { defineError } from '../platform/http/error-catalogue.js';

export const usernameTaken = defineError({
  code: 'users.username_taken',
  status: 400,
  detail: 'Username already registered',
  about: 'Another account has this name, whatever its letter case or form of characters. Choose another one.',
});

export const emailTaken = defineError({
  code: 'users.email_taken',
  status: 400,
  detail: 'Email already registered',
  about:
    'Another account has this e-mail address, whatever its letter case. Sign in to that one, or use another address.',
});
