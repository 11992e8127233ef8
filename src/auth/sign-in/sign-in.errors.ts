import { defineError } from '../../platform/http/error-catalogue.js';

export const invalidCredentials = defineError({
  code: 'auth.invalid_credentials',
  status: 401,
  detail: 'Incorrect username or password',
  about: 'No account has this name and this password; which of the two is wrong is never told. Ask again.',
});

export const inactiveUser = defineError({
  code: 'auth.inactive_user',
  status: 400,
  detail: 'Inactive user',
  about: 'Name and password are right, but the account is disabled. Only an administrator can enable it.',
});

export const tooManyAttempts = defineError({
  code: 'auth.too_many_attempts',
  status: 429,
  detail: 'Too many attempts. Please try again later.',
  about:
    'Too many wrong passwords for one account or unknown name (`RATE_LIMIT_LOGIN_ACCOUNT`), in one session, or from one client (`RATE_LIMIT_LOGIN_CLIENT`). Until `Retry-After` seconds have passed, the right password is refused too.',
});

export const tooManyRegistrations = defineError({
  code: 'auth.too_many_registrations',
  status: 429,
  detail: 'Too many registrations. Please try again later.',
  about:
    'Too many registrations from one client or its network within an hour (`RATE_LIMIT_REGISTER_PER_HOUR`). Wait `Retry-After` seconds.',
});

export const wrongPassword = defineError({
  code: 'auth.wrong_password',
  status: 400,
  detail: 'Incorrect password',
  about: 'The current password in the request is wrong. A session has five tries in a window.',
});

export const reauthenticationRequired = defineError({
  code: 'auth.reauthentication_required',
  status: 403,
  detail: 'Please confirm your password to continue.',
  about:
    'The last sign-in or confirmation in this session is older than `RECENT_SIGN_IN_MINUTES`. The session goes on: send the password to `POST /api/v1/auth/reauthenticate`, then repeat the request.',
});
