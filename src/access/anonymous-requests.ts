import type { FastifyReply, FastifyRequest } from 'fastify';

/** Limits unauthenticated requests. The guard recognizes them; this counts them. */
export abstract class AnonymousRequests {
  /** @throws a 429, synchronously or later, if the client's networks have sent too many */
  abstract admit(request: FastifyRequest, reply: FastifyReply): void | Promise<void>;
}
