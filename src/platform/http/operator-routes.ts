import type { FastifyInstance, FastifyRequest } from 'fastify';
import { notFound } from './http.errors.js';

/** What supervisors and Prometheus ask of every process. */
const FOR_OPERATORS: ReadonlySet<string> = new Set(['/health', '/health/live', '/health/ready', '/metrics']);

/** Whether a request is one of a health probe or of Prometheus. */
export function isForOperators({ routeOptions }: FastifyRequest): boolean {
  return FOR_OPERATORS.has(routeOptions.url ?? '');
}

/** Makes a process that serves nobody: everything but its health and its metrics is not there. */
export function installOperatorsOnly(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (isForOperators(request)) done();
    else done(notFound());
  });
}
