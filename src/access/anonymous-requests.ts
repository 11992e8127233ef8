import type { FastifyReply, FastifyRequest } from 'fastify';

/** Limits unauthenticated requests, which the authentication guard recognizes. */
export abstract class AnonymousRequests {
  /** @throws a 429, synchronously or as a rejection, if the networks of the client have sent too many requests */
  abstract admit(request: FastifyRequest, reply: FastifyReply): void | Promise<void>;
}
