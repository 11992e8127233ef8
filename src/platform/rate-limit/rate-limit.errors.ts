import { defineError } from '../http/error-catalogue.js';

export const rateLimitExceeded = defineError({
  code: 'rate_limit.exceeded',
  status: 429,
  detail: 'Too many requests. Please try again later.',
  about:
    'This address has made more requests in a minute than one client may (`RATE_LIMIT_REQUESTS_PER_MINUTE`). Wait `Retry-After` seconds; `RateLimit-Remaining` tells on every answer what is left.',
});
