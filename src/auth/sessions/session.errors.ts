import { defineError } from '../../platform/http/error-catalogue.js';

export const refreshFailed = defineError({
  code: 'auth.refresh_failed',
  status: 401,
  detail: 'Could not refresh the session',
  about:
    'The refresh token is unknown, used up or expired, or its session has ended; the answer does not say which. Sign in again. A used token whose successor has been used too ends its session.',
});

export const sessionNotFound = defineError({
  code: 'auth.session_not_found',
  status: 404,
  detail: 'Session not found',
  about: 'No live session of yours has this id.',
});

export const cookieModeOff = defineError({
  code: 'auth.cookie_mode_off',
  status: 400,
  detail: 'Refresh tokens in cookies are switched off',
  about: 'The request has `X-Auth-Mode: cookie`, but `REFRESH_COOKIE` is off. Leave the header out, or switch it on.',
});

export const originRefused = defineError({
  code: 'auth.origin_refused',
  status: 403,
  detail: 'Origin not allowed',
  about:
    'With `X-Auth-Mode: cookie` the `Origin` header must be the origin of `PUBLIC_URL` or one of `CORS_ORIGINS`; `*` does not count. Browsers send the header themselves. If a page of the service itself is refused, set `PUBLIC_URL`.',
});
