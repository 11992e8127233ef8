import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';

/** The field with the request's id, on every log line of a request. */
export const REQUEST_ID_FIELD = 'request_id';

const requestIds = new AsyncLocalStorage<string>();

/**
 * Lets every line that is written on behalf of a request carry its id, also those that know nothing of it: Nest's and the
 * statements of the database. For debugging only: on Node 20 it slows every promise down.
 */
export function installRequestContext(fastify: FastifyInstance): void {
  // Fastify keeps the context where it reads a body, which ends in that of the connection.
  fastify.addHook('onRequest', (request, _reply, done) => requestIds.run(request.id, done));
}

/** The id of the request that the code runs for; undefined outside of requests, and unless the context is installed. */
export function currentRequestId(): string | undefined {
  return requestIds.getStore();
}
