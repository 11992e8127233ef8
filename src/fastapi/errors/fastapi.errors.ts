import { defineError } from '../../platform/http/error-catalogue.js';

/** What is refused before a handler runs, in FastAPI's words where FastAPI has it. */

export const validationFailed = defineError({
  code: 'validation.failed',
  title: 'Validation failed',
  status: 422,
  detail: 'The request is not valid.',
  about:
    "Fields are missing or wrong. FastAPI's shape lists them in `detail`, problem details in `errors`: `loc` says where, `msg` what, `type` is stable for programs. Show each message beside its field.",
});

export const unreadableBody = defineError({
  code: 'http.unreadable_body',
  status: 400,
  detail: 'There was an error parsing the body',
  about:
    'The body is not UTF-8, nested too deep, compressed, or no form of the type that it claims to be; for some forms `detail` says more, as Starlette does.',
});

export const notAuthenticated = defineError({
  code: 'auth.not_authenticated',
  status: 401,
  detail: 'Not authenticated',
  about: 'There is no `Authorization: Bearer …` header. Sign in and send the token.',
});

export const invalidToken = defineError({
  code: 'auth.invalid_token',
  status: 401,
  detail: 'Could not validate credentials',
  about: 'The token is expired, forged, of another service, or of an account that is gone or disabled. Sign in again.',
});

export const permissionDenied = defineError({
  code: 'auth.permission_denied',
  status: 403,
  detail: 'You do not have permission to do this.',
  about:
    'The account lacks the permission that the route requires, or the API key lacks it among its scopes. Signing in again does not help. Ask an administrator for the permission.',
});
