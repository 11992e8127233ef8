import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientKey, plainAddress } from './client-key.js';

/** Maximum length of a stored header, in UTF-16 code units: the length of the columns. */
const MAX_TEXT_LENGTH = 512;

/** The client behind a request, whether signed in or not. */
export interface Caller {
  /** The key for rate limits: an IPv4 address or an IPv6 /64. */
  readonly client: string;
  /** Aborts when the client disconnects before the response, so that queued work can give up its slot. */
  readonly signal: AbortSignal;
  /** An IP address, or `unknown`; at most 64 characters. */
  readonly address: string;
  /** At most 512 characters, without control characters; null where none was sent. */
  readonly userAgent: string | null;
  /** The Accept-Language header; null where none was sent. */
  readonly languages: string | null;
  readonly requestId: string;
  /** The route's configuration, as the decorators of the handler set it. */
  readonly routeConfig: object;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** The caller of a request; always the same object for the same request. */
export function callerOf(request: FastifyRequest, reply: FastifyReply): Caller {
  const known = callers.get(request);
  if (known) return known;
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  const caller = {
    client: clientKey(request.ip),
    signal: gone.signal,
    address: plainAddress(request.ip),
    userAgent: headerText(request.headers['user-agent']),
    languages: headerText(request.headers['accept-language']),
    requestId: request.id,
    get routeConfig() {
      return request.routeOptions.config;
    },
  };
  callers.set(request, caller);
  return caller;
}

/** A header as it can be stored and logged: at most 512 characters, without control characters; null for none. */
export function headerText(header: string | undefined): string | null {
  const text = header?.slice(0, MAX_TEXT_LENGTH).replaceAll(/\p{Cc}/gu, ' ');
  return text === undefined || text === '' ? null : text;
}

/**
 * The caller of a request, for code that has no reply, such as passport's strategies.
 *
 * @throws RangeError before `callerOf` was called for the request
 */
export function getCaller(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new RangeError('callerOf was not called for this request');
  return caller;
}

/** The caller of the request, as a parameter of a handler. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const http = context.switchToHttp();
  return callerOf(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
});
