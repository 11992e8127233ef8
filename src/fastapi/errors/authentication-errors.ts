import { UnauthorizedException } from '@nestjs/common';
import type { AppError } from '../../platform/http/app-error.js';
import { invalidToken, notAuthenticated } from './fastapi.errors.js';

/** The guard stands below everything and throws Nest's own exception: its text says which of the two it means. */
export function authenticationErrors(error: unknown): AppError | undefined {
  if (!(error instanceof UnauthorizedException)) return undefined;
  const type = error.message === notAuthenticated.detail ? notAuthenticated : invalidToken;
  return type({ cause: error });
}
