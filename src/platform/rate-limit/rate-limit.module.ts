import { Global, Module } from '@nestjs/common';
import { AnonymousRequests } from '../../access/anonymous-requests.js';
import { PlatformSettings } from '../config/platform-settings.js';
import { GeneralLimit } from './general-limit.js';
import { MemoryCounters } from './memory-counters.js';
import { RateLimitMetrics } from './rate-limit-metrics.js';
import { RateLimitStore } from './rate-limit-store.js';
import { RateLimits } from './rate-limits.js';
import { RequestCounters } from './request-counters.js';
import { RouteLimits } from './route-limits.js';

/** The limits of requests: the general one in memory or Redis, all others in PostgreSQL. */
@Global()
@Module({
  providers: [
    { provide: RequestCounters, inject: [PlatformSettings], useFactory: requestCounters },
    RateLimitMetrics,
    GeneralLimit,
    { provide: AnonymousRequests, useExisting: GeneralLimit },
    RateLimitStore,
    RateLimits,
    RouteLimits,
  ],
  exports: [AnonymousRequests, RateLimits],
})
export class RateLimitModule {}

async function requestCounters(settings: PlatformSettings): Promise<RequestCounters> {
  const { RATE_LIMIT, REDIS_URL, WORKERS } = settings;
  const limit = settings.RATE_LIMIT_REQUESTS_PER_MINUTE;
  if (!RATE_LIMIT || REDIS_URL === undefined) return new MemoryCounters(limit);
  // Loaded on demand, to keep the start short.
  const { RedisCounters } = await import('./redis-counters.js');
  return new RedisCounters(REDIS_URL, limit, new MemoryCounters(Math.ceil(limit / WORKERS)));
}
