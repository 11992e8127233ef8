import type { FastifyInstance, FastifyRequest } from 'fastify';
import { notFound } from './http.errors.js';

/** The routes for process supervisors and Prometheus. */
const OPERATOR_ROUTES: ReadonlySet<string> = new Set(['/health', '/health/live', '/health/ready', '/metrics']);

/** Whether a request is one of a health probe or of Prometheus. */
export function isOperatorRoute({ routeOptions }: FastifyRequest): boolean {
  return OPERATOR_ROUTES.has(routeOptions.url ?? '');
}

/** Answers every route but health and metrics with 404, for a process that serves no API. */
export function serveOperatorRoutesOnly(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (isOperatorRoute(request)) done();
    else done(notFound());
  });
}
