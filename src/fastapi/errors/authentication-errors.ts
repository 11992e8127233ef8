import { UnauthorizedException } from '@nestjs/common';
import type { AppError } from '../../platform/http/app-error.js';
import { invalidToken } from './fastapi.errors.js';

/** Translates the exception that a guard of @nestjs/passport throws by default. */
export function authenticationErrors(error: unknown): AppError | undefined {
  return error instanceof UnauthorizedException ? invalidToken({ cause: error }) : undefined;
}
