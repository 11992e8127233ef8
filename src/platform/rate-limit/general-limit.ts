import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, onRequestHookHandler, onSendHookHandler, RouteOptions } from 'fastify';
import { Environment } from '../config/environment.js';
import { callerOf } from '../http/caller.js';
import { clientKey } from '../http/client-key.js';
import { notedLimit, writeLimit } from './limit-state.js';
import { rateLimitExceeded } from './rate-limit.errors.js';
import { RateLimitMetrics } from './rate-limit-metrics.js';
import type { RateLimitRouteConfig } from './rate-limit.decorator.js';
import { RequestCounters, type Usage } from './request-counters.js';

const API = '/api/';
const GENERAL = 'general';

type Done = (refusal?: Error) => void;

/**
 * Limits the requests of a client over all routes of the API. A hook of each route, which runs before the body is read and
 * before anybody is authenticated; what no route matches, preflights, health, metrics and the pages of the documents are
 * not counted.
 */
@Injectable()
export class GeneralLimit implements OnModuleDestroy {
  constructor(
    { httpAdapter }: HttpAdapterHost<FastifyAdapter>,
    environment: Environment,
    private readonly counters: RequestCounters,
    private readonly metrics: RateLimitMetrics,
  ) {
    // This module is made before Nest registers the routes.
    if (environment.RATE_LIMIT) httpAdapter.getInstance().addHook('onRoute', (route) => this.limit(route));
  }

  private limit(route: RouteOptions): void {
    if (!route.url.startsWith(API)) return;
    route.onRequest = [...[route.onRequest ?? []].flat(), this.countRequest];
    const { rateLimit } = (route.config ?? {}) as RateLimitRouteConfig;
    this.metrics.announce(rateLimit ?? GENERAL);
    if (rateLimit !== undefined) route.onSend = [...[route.onSend ?? []].flat(), showNotedLimit];
  }

  private readonly countRequest: onRequestHookHandler = (request, reply, done) => {
    const now = performance.now();
    const usage = this.counters.count(clientKey(request.ip), now);
    if (usage instanceof Promise) void this.judgeLater(usage, now, reply, done);
    else done(this.judge(usage, now, reply));
  };

  private async judgeLater(usage: Promise<Usage>, now: number, reply: FastifyReply, done: Done): Promise<void> {
    done(this.judge(await usage, now, reply));
  }

  private judge({ limit, used, resetsAt }: Usage, now: number, reply: FastifyReply): Error | undefined {
    const resetSeconds = Math.max(1, Math.ceil((resetsAt - now) / 1000));
    writeLimit(reply, { limit, remaining: Math.max(0, limit - used), resetSeconds });
    if (used <= limit) return undefined;
    this.metrics.countRefusal(GENERAL);
    return rateLimitExceeded({ headers: { 'retry-after': String(resetSeconds) } });
  }

  onModuleDestroy(): void {
    this.counters.close();
  }
}

/** The tighter limit that the handler has met, in place of the general one. */
const showNotedLimit: onSendHookHandler = (request, reply, _payload, done) => {
  const state = notedLimit(callerOf(request, reply));
  if (state) writeLimit(reply, state);
  done();
};
