import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../../platform/http/app-error.js';
import { stringifyLossless } from '../json/lossless-json.js';
import { acceptsProblem, PROBLEM_JSON } from './accepted-format.js';
import { problemOf } from './problem-details.js';

/**
 * Writes an error as FastAPI does, `{"detail": …}`, or as problem details (RFC 9457) if the client prefers them. Status
 * and headers are the same in both formats. Every 401 has `WWW-Authenticate: Bearer`.
 */
export function renderError(error: AppError, request: FastifyRequest, reply: FastifyReply): void {
  const asProblem = acceptsProblem(request.headers.accept);
  reply
    .code(error.status)
    .header('content-type', asProblem ? PROBLEM_JSON : 'application/json')
    .header('vary', withAccept(reply.getHeader('vary')))
    .headers(error.status === 401 ? { 'www-authenticate': 'Bearer', ...error.headers } : error.headers)
    .send(stringifyLossless(asProblem ? problemOf(error, request.id, request.pathPrefix) : { detail: error.detail }));
}

/** Adds Accept to Vary, so that a cache does not serve one format to a client that requested the other. */
function withAccept(vary: unknown): string {
  const names = typeof vary === 'string' ? vary.split(/\s*,\s*/) : [];
  return [...names.filter((name) => name.toLowerCase() !== 'accept'), 'Accept'].join(', ');
}
