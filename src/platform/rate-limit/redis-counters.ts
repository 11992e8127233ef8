import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RequestCounters, Usage } from './request-counters.js';
import { WINDOW_MS } from './request-counters.js';

/** Maximum time that a request waits for Redis. */
const TIMEOUT_MS = 100;
const PROBE_INTERVAL_MS = 1000;
/** Unanswered probes after which the connection is considered dead although it is open. */
const MAX_UNANSWERED_PROBES = 3;

const OPTIONS = {
  commandTimeout: TIMEOUT_MS,
  connectTimeout: 2000,
  // A request that Redis cannot count now is counted in this process; a later command would be useless.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: null,
  retryStrategy: (times: number) => Math.min(times * 100, 2000),
};

/**
 * Counts requests in Redis, over all processes and machines. While Redis is unreachable, or slower than `TIMEOUT_MS`,
 * this process counts against its share of the limit: neither the start nor any request depends on Redis.
 * Only a probe checks whether Redis is back, so only the probe waits for the timeout.
 */
export class RedisCounters implements RequestCounters {
  private readonly logger = new Logger('RateLimit');
  private readonly redis: Redis;
  /** Limiters by the multiple of the limit of one client. */
  private readonly limiters = new Map<number, RateLimiterRedis>();
  private readonly probing: NodeJS.Timeout;
  private state: 'unknown' | 'up' | 'down' | 'closed' = 'unknown';
  private unanswered = 0;

  constructor(
    url: string,
    private readonly limit: number,
    private readonly local: RequestCounters,
  ) {
    this.redis = new Redis(url, OPTIONS);
    this.redis.on('error', (error: Error) => this.markDown(error));
    this.redis.on('close', () => this.markDown(new Error('the connection is closed')));
    this.redis.on('ready', () => void this.probe());
    this.probing = setInterval(() => void this.probe(), PROBE_INTERVAL_MS).unref();
  }

  consume(client: string, now: number, times = 1): Usage | Promise<Usage> {
    return this.state === 'up' ? this.consumeInRedis(client, now, times) : this.local.consume(client, now, times);
  }

  private async consumeInRedis(client: string, now: number, times: number): Promise<Usage> {
    const limit = this.limit * times;
    try {
      const { consumedPoints, msBeforeNext } = await this.limiterOf(times).consume(client);
      return { limit, used: consumedPoints, resetsAt: now + msBeforeNext };
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return { limit, used: limit + 1, resetsAt: now + refusal.msBeforeNext };
      this.markDown(refusal);
      return this.local.consume(client, now, times);
    }
  }

  private limiterOf(times: number): RateLimiterRedis {
    const known = this.limiters.get(times);
    if (known) return known;
    const points = this.limit * times;
    const limiter = new RateLimiterRedis({
      storeClient: this.redis,
      keyPrefix: 'nest-auth-backend:requests',
      points,
      duration: WINDOW_MS / 1000,
      // A client beyond the limit is refused without a further query.
      inMemoryBlockOnConsumed: points,
      rejectIfRedisNotReady: true,
    });
    this.limiters.set(times, limiter);
    return limiter;
  }

  private markDown(error: unknown): void {
    if (this.state === 'down' || this.state === 'closed') return;
    this.state = 'down';
    const reason = error instanceof Error ? error.message : String(error);
    this.logger.warn(`Redis is unavailable (${reason}): each process counts requests separately until Redis is back`);
  }

  private async probe(): Promise<void> {
    if (this.state === 'up' || this.redis.status !== 'ready') return;
    try {
      await this.redis.ping();
      this.unanswered = 0;
      if (this.state === 'down') this.logger.warn('Redis is back: it counts the requests of all processes again');
      if (this.state !== 'closed') this.state = 'up';
    } catch (error) {
      this.markDown(error);
      this.unanswered += 1;
      if (this.unanswered % MAX_UNANSWERED_PROBES === 0) this.redis.disconnect(true);
    }
  }

  get tracked(): number {
    return this.local.tracked;
  }

  close(): void {
    this.state = 'closed';
    clearInterval(this.probing);
    this.redis.disconnect();
    this.local.close();
  }
}
