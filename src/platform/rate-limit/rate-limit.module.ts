import { Global, Module } from '@nestjs/common';
import { AnonymousRequests } from '../../access/anonymous-requests.js';
import { Environment } from '../config/environment.js';
import { ExactLimits } from './exact-limits.js';
import { GeneralLimit } from './general-limit.js';
import { MemoryCounters } from './memory-counters.js';
import { RateLimitMetrics } from './rate-limit-metrics.js';
import { RequestCounters } from './request-counters.js';

/** How many requests, and how many tries of a secret, one client has. */
@Global()
@Module({
  providers: [
    { provide: RequestCounters, inject: [Environment], useFactory: requestCounters },
    RateLimitMetrics,
    GeneralLimit,
    { provide: AnonymousRequests, useExisting: GeneralLimit },
    ExactLimits,
  ],
  exports: [AnonymousRequests, ExactLimits],
})
export class RateLimitModule {}

async function requestCounters(environment: Environment): Promise<RequestCounters> {
  const { RATE_LIMIT, REDIS_URL, RATE_LIMIT_REQUESTS_PER_MINUTE: limit, WORKERS } = environment;
  if (!RATE_LIMIT || REDIS_URL === undefined) return new MemoryCounters(limit);
  // Loaded by who uses it only: the start is to stay short.
  const { RedisCounters } = await import('./redis-counters.js');
  return new RedisCounters(REDIS_URL, limit, new MemoryCounters(Math.ceil(limit / WORKERS)));
}
