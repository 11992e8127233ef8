import { defineError } from './error-catalogue.js';

/** What Node, Fastify and Nest refuse before or around a handler. The texts are the reason phrases, as Starlette's are. */

const UNREAD = "It was not read so far as to know its `Accept`, so the answer has FastAPI's shape.";

export const badRequest = defineError({
  code: 'http.bad_request',
  status: 400,
  detail: 'Bad Request',
  about: `The message is no valid HTTP request. ${UNREAD} Send it with a standard HTTP client.`,
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
  about: 'The service refuses this request. Signing in again does not help.',
});

export const notFound = defineError({
  code: 'http.not_found',
  status: 404,
  detail: 'Not Found',
  about: 'Nothing has this path. Paths are case-sensitive; the API stands under `/api/v1`.',
});

export const methodNotAllowed = defineError({
  code: 'http.method_not_allowed',
  status: 405,
  detail: 'Method Not Allowed',
  about: 'The path exists, for the methods that the `Allow` header lists.',
});

export const requestTimeout = defineError({
  code: 'http.request_timeout',
  status: 408,
  detail: 'Request Timeout',
  about: `The request took too long to arrive. ${UNREAD} Send it again, whole.`,
});

export const payloadTooLarge = defineError({
  code: 'http.payload_too_large',
  status: 413,
  detail: 'Payload Too Large',
  about: 'The body is larger than the service takes (`BODY_LIMIT_BYTES`). Send a smaller one.',
});

export const headersTooLarge = defineError({
  code: 'http.headers_too_large',
  status: 431,
  detail: 'Request Header Fields Too Large',
  about: `The request line and the headers are larger than 16 KB: mostly by the cookies of other applications on the same host. ${UNREAD}`,
});

export const internalError = defineError({
  code: 'http.internal_error',
  status: 500,
  detail: 'Internal Server Error',
  about:
    'A fault of the service. Report it with the `X-Request-ID` of the answer, under which the log tells the cause.',
});

export const interrupted = defineError({
  code: 'http.interrupted',
  status: 503,
  detail: 'The service was stopped before it could answer. Please try again.',
  headers: { 'retry-after': '1' },
  about:
    'The process that served the request had to end, and the request took longer than `DRAIN_SECONDS`. What it asked for may have been done.',
});

export const tooManyConnections = defineError({
  code: 'http.too_many_connections',
  status: 503,
  detail: 'Too many connections at the moment. Please try again.',
  headers: { 'retry-after': '2' },
  about:
    'The process has reached its limit of connections (`MAX_CONNECTIONS`). Nothing was done. Try again on a new connection after `Retry-After` seconds.',
});
