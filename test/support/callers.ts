import type { Caller } from '../../src/platform/http/caller.js';
import { limitPolicies } from '../../src/platform/rate-limit/limit-policy.js';

/** A caller without a request, on a route that declares every limit. */
export function callerFrom(client: string, signal: AbortSignal = new AbortController().signal): Caller {
  return {
    client,
    signal,
    address: client,
    userAgent: null,
    languages: null,
    requestId: 'request',
    routeConfig: { rateLimits: limitPolicies() },
  };
}
