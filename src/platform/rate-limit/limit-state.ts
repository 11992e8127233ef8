import type { FastifyReply } from 'fastify';
import type { Caller } from '../http/caller.js';

/** Where a caller stands with a limit. */
export interface LimitState {
  limit: number;
  /** What is left of it; never negative. */
  remaining: number;
  /** Seconds until all of it is there again, at least 1. */
  resetSeconds: number;
}

const states = new WeakMap<Caller, LimitState>();

/** Remembers the state that the answer to this caller is to show. */
export function setLimitState(caller: Caller, state: LimitState): void {
  states.set(caller, state);
}

export function findLimitState(caller: Caller): LimitState | undefined {
  return states.get(caller);
}

/** The headers of draft-ietf-httpapi-ratelimit-headers-03, the form that clients know; `Reset` in seconds from now. */
export function writeLimitHeaders(reply: FastifyReply, { limit, remaining, resetSeconds }: LimitState): void {
  reply
    .header('ratelimit-limit', String(limit))
    .header('ratelimit-remaining', String(remaining))
    .header('ratelimit-reset', String(resetSeconds));
}
