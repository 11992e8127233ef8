import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../../platform/http/app-error.js';
import { stringifyLossless } from '../json/lossless-json.js';
import { acceptsProblem, PROBLEM_JSON } from './accepted-format.js';
import { problemOf } from './problem-details.js';

/**
 * Writes an error as FastAPI does, `{"detail": …}`, or as problem details for who asks for them (RFC 9457): compact, with
 * the same status and headers either way, and `WWW-Authenticate: Bearer` on every 401.
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

/** A cache must not hand one shape to who asked for the other. */
function withAccept(vary: unknown): string {
  const names = typeof vary === 'string' ? vary.split(/\s*,\s*/) : [];
  return [...names.filter((name) => name.toLowerCase() !== 'accept'), 'Accept'].join(', ');
}
