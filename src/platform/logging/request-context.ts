import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';

/** The field with the request id, in every log line of a request. */
export const REQUEST_ID_FIELD = 'request_id';

const requestIds = new AsyncLocalStorage<string>();

/**
 * Adds the request id to every line that is written during a request, including those of Nest and of database
 * statements. For debugging only, because it slows down every promise on Node 20.
 */
export function installRequestContext(fastify: FastifyInstance): void {
  // Fastify restores the context after it has read a body, which happens in the context of the connection.
  fastify.addHook('onRequest', (request, _reply, done) => requestIds.run(request.id, done));
}

/** The id of the current request; undefined outside of requests, and if the context is not installed. */
export function currentRequestId(): string | undefined {
  return requestIds.getStore();
}
