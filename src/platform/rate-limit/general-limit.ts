import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest, onRequestHookHandler, onSendHookHandler, RouteOptions } from 'fastify';
import type { AnonymousRequests } from '../../access/anonymous-requests.js';
import { Environment } from '../config/environment.js';
import { callerOf } from '../http/caller.js';
import { clientKey } from '../http/client-key.js';
import { type ClientNetwork, widerNetworksOf } from '../http/client-networks.js';
import { notedLimit, writeLimit } from './limit-state.js';
import { rateLimitExceeded } from './rate-limit.errors.js';
import { RateLimitMetrics } from './rate-limit-metrics.js';
import type { RateLimitRouteConfig } from './rate-limit.decorator.js';
import { RequestCounters, type Usage } from './request-counters.js';

const API = '/api/';
const GENERAL = 'general';

type Refusal = Error | undefined;
type Done = (refusal: Refusal) => void;

/**
 * Limits the requests of a client over all routes of the API. A hook of each route, which runs before the body is read and
 * before anybody is authenticated; what no route matches, preflights, health, metrics and the pages of the documents are
 * not counted.
 *
 * Unauthenticated requests also count toward the wider IPv6 networks of the client. Without an Authorization header the
 * hook counts them. With one the guard counts them, after authentication, because only a valid token exempts a request.
 * No request is counted by both.
 */
@Injectable()
export class GeneralLimit implements AnonymousRequests, OnModuleDestroy {
  private readonly isOn: boolean;

  constructor(
    { httpAdapter }: HttpAdapterHost<FastifyAdapter>,
    environment: Environment,
    private readonly counters: RequestCounters,
    private readonly metrics: RateLimitMetrics,
  ) {
    this.isOn = environment.RATE_LIMIT;
    // This module is made before Nest registers the routes.
    if (this.isOn) httpAdapter.getInstance().addHook('onRoute', (route) => this.limit(route));
  }

  private limit(route: RouteOptions): void {
    if (!route.url.startsWith(API)) return;
    route.onRequest = [...[route.onRequest ?? []].flat(), this.countRequest];
    const { rateLimit } = (route.config ?? {}) as RateLimitRouteConfig;
    this.metrics.announce(rateLimit ?? GENERAL);
    if (rateLimit !== undefined) route.onSend = [...[route.onSend ?? []].flat(), showNotedLimit];
  }

  private readonly countRequest: onRequestHookHandler = (request, reply, done) => {
    const client = clientKey(request.ip);
    const networks = hasCredentials(request) ? [] : widerNetworksOf(client);
    const now = performance.now();
    const usage = this.counters.count(client, now);
    if (usage instanceof Promise || networks.length > 0) void this.judgeLater(usage, networks, { now, reply, done });
    else done(this.judge(usage, now, reply));
  };

  /** A refused request does not count toward the wider networks, so a client cannot use up their budget. */
  private async judgeLater(
    usage: Usage | Promise<Usage>,
    networks: readonly ClientNetwork[],
    { now, reply, done }: { now: number; reply: FastifyReply; done: Done },
  ): Promise<void> {
    done(this.judge(await usage, now, reply) ?? (await this.judgeNetworks(networks, now, reply)));
  }

  private async judgeNetworks(networks: readonly ClientNetwork[], now: number, reply: FastifyReply): Promise<Refusal> {
    for (const { network, times } of networks) {
      const usage = await this.counters.count(network, now, times);
      if (usage.used > usage.limit) return this.judge(usage, now, reply);
    }
    return undefined;
  }

  private judge({ limit, used, resetsAt }: Usage, now: number, reply: FastifyReply): Refusal {
    const resetSeconds = Math.max(1, Math.ceil((resetsAt - now) / 1000));
    writeLimit(reply, { limit, remaining: Math.max(0, limit - used), resetSeconds });
    if (used <= limit) return undefined;
    this.metrics.countRefusal(GENERAL);
    return rateLimitExceeded({ headers: { 'retry-after': String(resetSeconds) } });
  }

  /** @throws AppError 429 rate_limit.exceeded */
  admit(request: FastifyRequest, reply: FastifyReply): void | Promise<void> {
    if (!this.isOn || !hasCredentials(request) || !request.routeOptions.url?.startsWith(API)) return undefined;
    const networks = widerNetworksOf(clientKey(request.ip));
    return networks.length > 0 ? this.admitFrom(networks, reply) : undefined;
  }

  private async admitFrom(networks: readonly ClientNetwork[], reply: FastifyReply): Promise<void> {
    const refusal = await this.judgeNetworks(networks, performance.now(), reply);
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

/** The tighter limit that the handler has met, in place of the general one. */
const showNotedLimit: onSendHookHandler = (request, reply, _payload, done) => {
  const state = notedLimit(callerOf(request, reply));
  if (state) writeLimit(reply, state);
  done();
};
