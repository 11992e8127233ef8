import type { FastifyInstance } from 'fastify';
import { installBodyParsing } from './body/body-parsing.js';
import { type CorsOptions, installCors } from './cors/cors.js';
import { installUnmatchedRequests, type OwnAddress } from './routing/unmatched-requests.js';

/** Installs FastAPI's handling of requests on a Fastify instance, in the order in which FastAPI applies it. */
export function installFastApi(fastify: FastifyInstance, cors: CorsOptions, address: OwnAddress): void {
  installCors(fastify, cors, address);
  installUnmatchedRequests(fastify, address);
  installBodyParsing(fastify);
}
