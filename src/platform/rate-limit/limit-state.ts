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

const noted = new WeakMap<Caller, LimitState>();

/** Remembers the state that the answer to this caller is to show. */
export function noteLimit(caller: Caller, state: LimitState): void {
  noted.set(caller, state);
}

export function notedLimit(caller: Caller): LimitState | undefined {
  return noted.get(caller);
}

/** The headers of draft-ietf-httpapi-ratelimit-headers-03, the form that clients know; `Reset` in seconds from now. */
export function writeLimit(reply: FastifyReply, { limit, remaining, resetSeconds }: LimitState): void {
  reply
    .header('ratelimit-limit', String(limit))
    .header('ratelimit-remaining', String(remaining))
    .header('ratelimit-reset', String(resetSeconds));
}
