import { defineError } from '../../platform/http/error-catalogue.js';

export const invalidCredentials = defineError({
  code: 'auth.invalid_credentials',
  status: 401,
  detail: 'Incorrect username or password',
  about: 'The username or the password is incorrect. Let the user enter both again.',
});

export const inactiveUser = defineError({
  code: 'auth.inactive_user',
  status: 400,
  detail: 'Inactive user',
  about: 'The username and the password are correct, but the account is disabled. Only an administrator can enable it.',
});

export const tooManyAttempts = defineError({
  code: 'auth.too_many_attempts',
  status: 429,
  detail: 'Too many attempts. Please try again later.',
  about:
    'Too many wrong passwords for one account or unknown name (`RATE_LIMIT_LOGIN_ACCOUNT`), in one session, or from one client (`RATE_LIMIT_LOGIN_CLIENT`). Wait `Retry-After` seconds. Until then, the correct password is rejected too.',
});

export const tooManyRegistrations = defineError({
  code: 'auth.too_many_registrations',
  status: 429,
  detail: 'Too many registrations. Please try again later.',
  about:
    'Too many registrations from the client or its network within an hour (`RATE_LIMIT_REGISTER_PER_HOUR`). Wait `Retry-After` seconds.',
});

export const reauthenticationRequired = defineError({
  code: 'auth.reauthentication_required',
  status: 403,
  detail: 'Please confirm your password to continue.',
  about:
    'The last sign-in or confirmation in this session is older than `RECENT_SIGN_IN_MINUTES`. Send the password to `POST /api/v1/auth/reauthenticate`, then repeat the request. The session and its tokens stay valid.',
});
