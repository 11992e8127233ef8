import { defineError } from '../http/error-catalogue.js';

export const rateLimitExceeded = defineError({
  code: 'rate_limit.exceeded',
  status: 429,
  detail: 'Too many requests. Please try again later.',
  about:
    'This client has made more requests in a minute than it may (`RATE_LIMIT_REQUESTS_PER_MINUTE`), or its network more unauthenticated ones. Wait `Retry-After` seconds; `RateLimit-Remaining` on every answer tells what is left to the client.',
});
