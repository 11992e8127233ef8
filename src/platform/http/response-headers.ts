import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { DeprecationRouteConfig } from './deprecated.decorator.js';

/**
 * Headers of every response unless a route sets others. They forbid caching, framing, scripts, content sniffing and
 * referrers.
 */
export const DEFAULT_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'content-type': 'application/json',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const ONE_YEAR = 'max-age=31536000';

export function installResponseHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    // With its own serializer, a response keeps its content type; otherwise Fastify adds a charset.
    reply.serializer(serialize).headers(DEFAULT_HEADERS).header('x-request-id', request.id);
    if (request.protocol === 'https') reply.header('strict-transport-security', ONE_YEAR);
    done();
  });
  // Added only to routes with such headers, because each read of `request.routeOptions` creates a new object.
  fastify.addHook('onRoute', (route) => {
    const { headers, successor } = (route.config ?? {}) as DeprecationRouteConfig;
    if (!headers) return;
    const addHeaders: onRequestHookHandler = (request, reply, done) => {
      reply.headers(headers);
      if (successor) reply.header('link', successorLink(successor, request));
      done();
    };
    route.onRequest = [...[route.onRequest ?? []].flat(), addHeaders];
  });
}

function successorLink(successor: string, { pathPrefix }: FastifyRequest): string {
  return `<${successor.startsWith('/') ? pathPrefix : ''}${successor}>; rel="successor-version"`;
}

function serialize(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}
