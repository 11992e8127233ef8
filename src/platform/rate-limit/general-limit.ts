import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { AnonymousRequests } from '../../access/anonymous-requests.js';
import { PlatformSettings } from '../config/platform-settings.js';
import { clientKey } from '../http/client-key.js';
import { type ClientNetwork, widerNetworksOf } from '../http/client-networks.js';
import { generalLimit } from './general.limits.js';
import { writeLimitHeaders } from './limit-state.js';
import { RateLimitMetrics } from './rate-limit-metrics.js';
import { rateLimitExceeded } from './rate-limit.errors.js';
import { RequestCounters, type Usage } from './request-counters.js';

/** Prefix of the API's paths. Pages, health and metrics are not limited. */
export const API = '/api/';

type Refusal = Error | undefined;
type Done = (refusal: Refusal) => void;

/**
 * Limits the requests of a client over all routes of the API, in this process or in Redis.
 *
 * Unauthenticated requests also count toward the wider IPv6 networks of the client. Without an Authorization header the
 * hook counts them. With one the guard counts them, after authentication, because only a valid token exempts a request.
 * No request is counted by both.
 */
@Injectable()
export class GeneralLimit implements AnonymousRequests, OnModuleDestroy {
  private readonly isOn: boolean;

  constructor(
    { RATE_LIMIT }: PlatformSettings,
    private readonly counters: RequestCounters,
    private readonly metrics: RateLimitMetrics,
  ) {
    this.isOn = RATE_LIMIT;
  }

  /** A hook of every route of the API. It runs before the body is read. */
  readonly countRequest: onRequestHookHandler = (request, reply, done) => {
    const client = clientKey(request.ip);
    const networks = hasCredentials(request) ? [] : widerNetworksOf(client);
    const now = performance.now();
    const usage = this.counters.consume(client, now);
    if (usage instanceof Promise || networks.length > 0) void this.checkAsync(usage, networks, { now, reply, done });
    else done(this.check(usage, now, reply));
  };

  /** A refused request does not count toward the wider networks, so a client cannot use up their budget. */
  private async checkAsync(
    usage: Usage | Promise<Usage>,
    networks: readonly ClientNetwork[],
    { now, reply, done }: { now: number; reply: FastifyReply; done: Done },
  ): Promise<void> {
    done(this.check(await usage, now, reply) ?? (await this.checkNetworks(networks, now, reply)));
  }

  private async checkNetworks(networks: readonly ClientNetwork[], now: number, reply: FastifyReply): Promise<Refusal> {
    for (const { network, times } of networks) {
      const usage = await this.counters.consume(network, now, times);
      if (usage.used > usage.limit) return this.check(usage, now, reply);
    }
    return undefined;
  }

  private check({ limit, used, resetsAt }: Usage, now: number, reply: FastifyReply): Refusal {
    const resetSeconds = Math.max(1, Math.ceil((resetsAt - now) / 1000));
    writeLimitHeaders(reply, { limit, remaining: Math.max(0, limit - used), resetSeconds });
    if (used <= limit) return undefined;
    this.metrics.countRefusal(generalLimit.metric);
    return rateLimitExceeded({ headers: { 'retry-after': String(resetSeconds) } });
  }

  /** @throws AppError 429 rate_limit.exceeded */
  admit(request: FastifyRequest, reply: FastifyReply): void | Promise<void> {
    if (!this.isOn || !hasCredentials(request) || !request.routeOptions.url?.startsWith(API)) return undefined;
    const networks = widerNetworksOf(clientKey(request.ip));
    return networks.length > 0 ? this.checkAnonymous(networks, reply) : undefined;
  }

  private async checkAnonymous(networks: readonly ClientNetwork[], reply: FastifyReply): Promise<void> {
    const refusal = await this.checkNetworks(networks, performance.now(), reply);
    if (refusal) throw refusal;
  }

  onModuleDestroy(): void {
    this.counters.close();
  }
}

/** The credentials may be invalid. */
function hasCredentials({ headers }: FastifyRequest): boolean {
  return headers.authorization !== undefined;
}
