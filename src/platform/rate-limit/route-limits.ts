import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { onRequestAsyncHookHandler, onRequestHookHandler, onSendHookHandler, RouteOptions } from 'fastify';
import { PlatformSettings } from '../config/platform-settings.js';
import { callerOf } from '../http/caller.js';
import { API, GeneralLimit } from './general-limit.js';
import { generalLimit } from './general.limits.js';
import type { LimitPolicy } from './limit-policy.js';
import { findLimitState, writeLimitHeaders } from './limit-state.js';
import { RateLimitMetrics } from './rate-limit-metrics.js';
import { limitsOf } from './rate-limit.decorator.js';
import { RateLimits } from './rate-limits.js';

/**
 * Adds hooks to the routes that enforce limits by client before the body is read: the general limit on every route of
 * the API, and the policies in `@RateLimit`. Paths without a route and preflights are not counted.
 */
@Injectable()
export class RouteLimits {
  constructor(
    { httpAdapter }: HttpAdapterHost<FastifyAdapter>,
    { RATE_LIMIT }: PlatformSettings,
    private readonly general: GeneralLimit,
    private readonly limits: RateLimits,
    private readonly metrics: RateLimitMetrics,
  ) {
    // Nest creates this module before it registers the routes.
    if (RATE_LIMIT) httpAdapter.getInstance().addHook('onRoute', (route) => this.addHooks(route));
  }

  private addHooks(route: RouteOptions): void {
    const isApi = route.url.startsWith(API);
    const policies = limitsOf(route.config);
    for (const { metric } of isApi ? [generalLimit, ...policies] : policies) this.metrics.initialize(metric);
    const hooks: (onRequestHookHandler | onRequestAsyncHookHandler)[] = isApi ? [this.general.countRequest] : [];
    hooks.push(...policies.filter(({ at }) => at === 'route').map((policy) => this.createHook(policy)));
    if (hooks.length > 0) route.onRequest = [...[route.onRequest ?? []].flat(), ...hooks] as onRequestHookHandler[];
    if (policies.length > 0) route.onSend = [...[route.onSend ?? []].flat(), writeLimitState];
  }

  private createHook(policy: LimitPolicy): onRequestAsyncHookHandler {
    const names = Object.keys(policy.budgets);
    return async (request, reply) => {
      const caller = callerOf(request, reply);
      await this.limits.reserve(policy, Object.fromEntries(names.map((name) => [name, caller.client])), caller);
    };
  }
}

/** Writes the state of the route's limit instead of the general limit, which is wider. */
const writeLimitState: onSendHookHandler = (request, reply, _payload, done) => {
  const state = findLimitState(callerOf(request, reply));
  if (state) writeLimitHeaders(reply, state);
  done();
};
