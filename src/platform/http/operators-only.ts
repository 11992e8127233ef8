import type { FastifyInstance } from 'fastify';
import { notFound } from './http.errors.js';

/** What supervisors and Prometheus ask of every process. */
const FOR_OPERATORS: ReadonlySet<string> = new Set(['/health', '/health/live', '/health/ready', '/metrics']);

/** Makes a process that serves nobody: everything but its health and its metrics is not there. */
export function installOperatorsOnly(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (FOR_OPERATORS.has(request.routeOptions.url ?? '')) done();
    else done(notFound());
  });
}
