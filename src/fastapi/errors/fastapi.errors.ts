import { defineError } from '../../platform/http/error-catalogue.js';

/** Errors that occur before a handler runs, with FastAPI's texts where FastAPI has the same error. */

export const validationFailed = defineError({
  code: 'validation.failed',
  title: 'Validation failed',
  status: 422,
  detail: 'The request is not valid.',
  about:
    "Fields are missing or invalid. They are listed in `detail` of FastAPI's format and in `errors` of problem details: `loc` is the field, `msg` the message, and `type` a stable value for programs. Show each message next to its field.",
});

export const unreadableBody = defineError({
  code: 'http.unreadable_body',
  status: 400,
  detail: 'There was an error parsing the body',
  about:
    'The body is not UTF-8, is nested too deeply, is compressed, or is not a valid form of its `Content-Type`. For some forms `detail` has more information, as in Starlette.',
});

export const notAuthenticated = defineError({
  code: 'auth.not_authenticated',
  status: 401,
  detail: 'Not authenticated',
  about: 'The request has no `Authorization: Bearer …` header. Sign in and send the access token.',
});

export const invalidToken = defineError({
  code: 'auth.invalid_token',
  status: 401,
  detail: 'Could not validate credentials',
  about:
    'The token is expired, malformed or from another service, its session has ended, or its account is disabled or deleted. Sign in again.',
});

export const permissionDenied = defineError({
  code: 'auth.permission_denied',
  status: 403,
  detail: 'You do not have permission to do this.',
  about:
    'The account or the scopes of the API key do not include the permission that the route requires. Signing in again does not help. Ask an administrator for the permission.',
});
