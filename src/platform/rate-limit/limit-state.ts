import type { FastifyReply } from 'fastify';
import type { Caller } from '../http/caller.js';

/** The state of a limit for a caller. */
export interface LimitState {
  limit: number;
  /** Slots that are left; never negative. */
  remaining: number;
  /** Seconds until the window ends, at least 1. */
  resetSeconds: number;
}

const states = new WeakMap<Caller, LimitState>();

/** Sets the state that the response to this caller shows. */
export function setLimitState(caller: Caller, state: LimitState): void {
  states.set(caller, state);
}

export function findLimitState(caller: Caller): LimitState | undefined {
  return states.get(caller);
}

/**
 * Writes the headers of draft-ietf-httpapi-ratelimit-headers-03, which clients support. `Reset` is in seconds from now.
 */
export function writeLimitHeaders(reply: FastifyReply, { limit, remaining, resetSeconds }: LimitState): void {
  reply
    .header('ratelimit-limit', String(limit))
    .header('ratelimit-remaining', String(remaining))
    .header('ratelimit-reset', String(resetSeconds));
}
