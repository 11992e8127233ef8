import type { FastifyInstance, FastifyRequest } from 'fastify';
import { notFound } from './http.errors.js';

/** What supervisors and Prometheus ask of every process. */
const OPERATOR_ROUTES: ReadonlySet<string> = new Set(['/health', '/health/live', '/health/ready', '/metrics']);

/** Whether a request is one of a health probe or of Prometheus. */
export function isOperatorRoute({ routeOptions }: FastifyRequest): boolean {
  return OPERATOR_ROUTES.has(routeOptions.url ?? '');
}

/** Makes a process that serves nobody: everything but its health and its metrics is not there. */
export function serveOperatorRoutesOnly(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (isOperatorRoute(request)) done();
    else done(notFound());
  });
}
