import type { PlatformSettings } from '../config/platform-settings.js';
import { defineLimit, fromSetting } from './limit-policy.js';
import { rateLimitExceeded } from './rate-limit.errors.js';
import { WINDOW_MS } from './request-counters.js';

/** Limits the requests of a client to the whole API. `GeneralLimit` counts them in memory or in Redis. */
export const generalLimit = defineLimit({
  name: 'general',
  at: 'route',
  answer: rateLimitExceeded,
  budgets: {
    client: {
      about: 'requests to the API',
      key: 'requests',
      by: 'client',
      most: fromSetting<PlatformSettings>('RATE_LIMIT_REQUESTS_PER_MINUTE'),
      windowMinutes: WINDOW_MS / 60_000,
    },
  },
});
