import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../../platform/http/app-error.js';
import { stringifyLossless } from '../body/lossless-json.js';

/** Writes an error as FastAPI does: `{"detail": …}`, compact, and `WWW-Authenticate: Bearer` on every 401 (row A41). */
export function renderError(error: AppError, _request: FastifyRequest, reply: FastifyReply): void {
  reply
    .code(error.status)
    .header('content-type', 'application/json')
    .headers(error.status === 401 ? { 'www-authenticate': 'Bearer', ...error.headers } : error.headers)
    .send(stringifyLossless({ detail: error.detail }));
}
