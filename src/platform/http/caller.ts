import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientKey } from './client-key.js';

/** Who waits for an answer, whether signed in or not. */
export interface Caller {
  /** What limits count by: an IPv4 address or an IPv6 /64. */
  readonly client: string;
  /** Aborts when the client is gone before its answer: work that nobody waits for gives its place back (row B23). */
  readonly signal: AbortSignal;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** The caller of a request; the same object for every asker. */
export function callerOf(request: FastifyRequest, reply: FastifyReply): Caller {
  const known = callers.get(request);
  if (known) return known;
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  const caller = { client: clientKey(request.ip), signal: gone.signal };
  callers.set(request, caller);
  return caller;
}

/** For who sees the request alone, as passport's strategies do, after `callerOf`. */
export function knownCaller(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new RangeError('nobody asked for the caller of this request yet');
  return caller;
}

/** The caller of the request, as a parameter of a handler. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const http = context.switchToHttp();
  return callerOf(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
});
