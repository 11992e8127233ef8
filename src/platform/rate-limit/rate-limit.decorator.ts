import { extendRouteConfig } from '../http/route-config.js';
import type { LimitPolicy } from './limit-policy.js';

/** The part of a Fastify route's configuration that `@RateLimit` sets. */
export interface RateLimitRouteConfig {
  rateLimits?: readonly LimitPolicy[];
}

/**
 * Puts the handler under limits, besides the general limit of every route of the API. A hook of the route enforces the
 * policies that count by client alone, before the body is read. The flow of the handler reserves the others through
 * `RateLimits`, which refuses to reserve a policy that the route does not declare.
 */
export function RateLimit(...policies: readonly LimitPolicy[]): MethodDecorator {
  return (_target, _name, descriptor) =>
    extendRouteConfig(descriptor.value as object, { rateLimits: policies } satisfies RateLimitRouteConfig);
}

/** The policies that a route declares. */
export function limitsOf({ rateLimits = [] }: RateLimitRouteConfig = {}): readonly LimitPolicy[] {
  return rateLimits;
}
