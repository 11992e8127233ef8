import type { FastifyInstance } from 'fastify';

/** The API answers HEAD with 405, as FastAPI does. */
const API = '/api/';

/**
 * Answers HEAD with the status and headers of GET outside the API (RFC 9110 section 9.3.2), for monitors, link checkers
 * and caches. Node drops the body. Applies to routes that are registered after the call.
 */
export function installHeadRoutes(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', ({ method, url, handler, config }) => {
    if (method === 'GET' && !url.startsWith(API)) fastify.route({ method: 'HEAD', url, handler, config });
  });
}
