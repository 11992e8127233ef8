import { AppError } from '../../../platform/http/app-error.js';
import { defineError } from '../../../platform/http/error-catalogue.js';

export const overloaded = defineError({
  code: 'auth.overloaded',
  status: 503,
  detail: 'Too many passwords are being checked at the moment. Please try again.',
  about:
    'More passwords are waiting than can be hashed within `HASH_WAIT_MS`. Nothing was changed. Try again after `Retry-After` seconds.',
});

/** @param seconds value of Retry-After, at least 1 */
export const overloadedFor = (seconds: number): AppError => overloaded({ headers: { 'retry-after': String(seconds) } });

/**
 * The client closed the connection. Nobody reads this answer, so it is not in the catalogue. The access log shows 499,
 * the status that nginx uses for this case.
 */
export const clientGone = (): AppError =>
  new AppError({
    code: 'http.client_gone',
    status: 499,
    detail: 'Client Closed Request',
    about: 'The client closed the connection before the response.',
  });
