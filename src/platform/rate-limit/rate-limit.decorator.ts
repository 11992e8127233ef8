import { extendRouteConfig } from '../http/route-config.js';

/** What this folder writes into the configuration of a Fastify route. */
export interface RateLimitRouteConfig {
  /** Name of the route's tightest limit. */
  rateLimit?: string;
}

/**
 * The handler is under a limit of its own beside the general one that every route of the API is under. Its feature counts
 * it, through `ExactLimits`, because only the feature knows when and under what: an account, after the body has been read.
 * The limit's numbers then stand in the answer's headers instead of the general ones.
 *
 * @param policy name of the limit in the metrics and in the table of routes
 */
export function RateLimit(policy: string): MethodDecorator {
  return (_target, _name, descriptor) =>
    extendRouteConfig(descriptor.value as object, { rateLimit: policy } satisfies RateLimitRouteConfig);
}
