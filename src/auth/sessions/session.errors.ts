import { defineError } from '../../platform/http/error-catalogue.js';

export const refreshFailed = defineError({
  code: 'auth.refresh_failed',
  status: 401,
  detail: 'Could not refresh the session',
  about:
    'The refresh token is unknown, already used or expired, or its session has ended. The response does not distinguish these cases. Sign in again. A used token ends its session if its successor has been used too.',
});

export const sessionNotFound = defineError({
  code: 'auth.session_not_found',
  status: 404,
  detail: 'Session not found',
  about: 'The account has no active session with this id.',
});

export const cookieModeOff = defineError({
  code: 'auth.cookie_mode_off',
  status: 400,
  detail: 'Refresh token cookies are disabled',
  about:
    'The request has `X-Auth-Mode: cookie`, but `REFRESH_COOKIE` is `off`. Remove the header, or enable the setting.',
});

export const originRefused = defineError({
  code: 'auth.origin_refused',
  status: 403,
  detail: 'Origin not allowed',
  about:
    'With `X-Auth-Mode: cookie`, the `Origin` header must be the origin of `PUBLIC_URL` or one of `CORS_ORIGINS`; `*` does not count. Browsers send the header automatically. If a page on the same origin as the API is rejected, set `PUBLIC_URL`.',
});
