import type { FastifyReply, FastifyRequest } from 'fastify';

/** Limits what nobody has signed in for. The guard knows which requests these are, and counts nothing itself. */
export abstract class AnonymousRequests {
  /** @throws a 429, at once or later, where there are too many of them from the client's networks */
  abstract admit(request: FastifyRequest, reply: FastifyReply): void | Promise<void>;
}
