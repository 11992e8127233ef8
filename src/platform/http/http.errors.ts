import { defineError } from './error-catalogue.js';

/** Errors of Node, Fastify and Nest, before or around a handler. The texts are the reason phrases, as in Starlette. */

const UNREAD = "The response always has FastAPI's format, because the `Accept` header was not read.";

export const badRequest = defineError({
  code: 'http.bad_request',
  status: 400,
  detail: 'Bad Request',
  about: `The message is not a valid HTTP request. Send it with a standard HTTP client. ${UNREAD}`,
});

export const badHost = defineError({
  code: 'http.bad_host',
  status: 400,
  detail: 'Bad Request',
  about: 'The request has no `Host` header, or more than one (RFC 9112 section 3.2). Send exactly one.',
});

export const forbidden = defineError({
  code: 'http.forbidden',
  status: 403,
  detail: 'Forbidden',
  about: 'The service does not allow this request. Signing in again does not help.',
});

export const notFound = defineError({
  code: 'http.not_found',
  status: 404,
  detail: 'Not Found',
  about: 'No route has this path. Paths are case-sensitive, and the paths of the API start with `/api/v1`.',
});

export const methodNotAllowed = defineError({
  code: 'http.method_not_allowed',
  status: 405,
  detail: 'Method Not Allowed',
  about: 'The path exists, but not for this method. The `Allow` header lists the methods.',
});

export const requestTimeout = defineError({
  code: 'http.request_timeout',
  status: 408,
  detail: 'Request Timeout',
  about: `The request did not arrive completely in time. Send it again. ${UNREAD}`,
});

export const payloadTooLarge = defineError({
  code: 'http.payload_too_large',
  status: 413,
  detail: 'Payload Too Large',
  about: 'The body is larger than `BODY_LIMIT_BYTES`. Send a smaller body.',
});

export const headersTooLarge = defineError({
  code: 'http.headers_too_large',
  status: 431,
  detail: 'Request Header Fields Too Large',
  about: `The request line and the headers are larger than 16 KB. The usual cause is cookies of other applications on the same host. ${UNREAD}`,
});

export const internalError = defineError({
  code: 'http.internal_error',
  status: 500,
  detail: 'Internal Server Error',
  about:
    'An error in the service. Report it with the `X-Request-ID` of the response. The log has the cause under this id.',
});

export const interrupted = defineError({
  code: 'http.interrupted',
  status: 503,
  detail: 'The service was stopped before it could answer. Please try again.',
  headers: { 'retry-after': '1' },
  about:
    'The process stopped, and the request took longer than `DRAIN_SECONDS`. The requested change may have been made.',
});

export const tooManyConnections = defineError({
  code: 'http.too_many_connections',
  status: 503,
  detail: 'Too many connections at the moment. Please try again.',
  headers: { 'retry-after': '2' },
  about:
    'The process has reached its limit of connections (`MAX_CONNECTIONS`). Nothing was changed. Try again on a new connection after `Retry-After` seconds.',
});
