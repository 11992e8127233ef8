import { Global, Module } from '@nestjs/common';
import { AnonymousRequests } from '../../access/anonymous-requests.js';
import { Environment } from '../config/environment.js';
import { GeneralLimit } from './general-limit.js';
import { generalLimit } from './general-policy.js';
import { amountOf } from './limit-policy.js';
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
    { provide: RequestCounters, inject: [Environment], useFactory: requestCounters },
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

async function requestCounters(environment: Environment): Promise<RequestCounters> {
  const { RATE_LIMIT, REDIS_URL, WORKERS } = environment;
  const limit = amountOf(generalLimit.budgets.client.most, environment);
  if (!RATE_LIMIT || REDIS_URL === undefined) return new MemoryCounters(limit);
  // Loaded only where it is used, to keep the start short.
  const { RedisCounters } = await import('./redis-counters.js');
  return new RedisCounters(REDIS_URL, limit, new MemoryCounters(Math.ceil(limit / WORKERS)));
}
