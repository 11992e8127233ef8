import { defineError } from '../http/error-catalogue.js';

export const rateLimitExceeded = defineError({
  code: 'rate_limit.exceeded',
  status: 429,
  detail: 'Too many requests. Please try again later.',
  about:
    'The client sent too many requests within a minute (`RATE_LIMIT_REQUESTS_PER_MINUTE`), or its network sent too many unauthenticated ones. Wait `Retry-After` seconds. `RateLimit-Remaining` in every response shows how many requests are left.',
});
