import type { IncomingHttpHeaders } from 'node:http';
import { invalidToken, notAuthenticated } from '../../fastapi/errors/fastapi.errors.js';
import type { AppError } from '../../platform/http/app-error.js';
import { bearerToken } from './bearer-token.js';

/** The 401 for a request without a valid token. Like FastAPI, it distinguishes a missing token from an invalid one. */
export function unauthenticated(request: { headers: IncomingHttpHeaders }): AppError {
  return bearerToken(request) === null ? notAuthenticated() : invalidToken();
}
