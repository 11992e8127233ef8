import { defineError } from '../http/error-catalogue.js';

export const rateLimitExceeded = defineError({
  code: 'rate_limit.exceeded',
  status: 429,
  detail: 'Too many requests. Please try again later.',
  about:
    'This client has made too many requests in a minute (`RATE_LIMIT_REQUESTS_PER_MINUTE`), or its network too many unauthenticated ones. Wait `Retry-After` seconds; `RateLimit-Remaining` on every answer shows how many requests the client has left.',
});
