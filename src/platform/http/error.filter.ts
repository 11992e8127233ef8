// Unlike instanceof, it recognizes errors of Node's own modules from every realm.
import { isNativeError } from 'node:util/types';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { serializeError } from '../logging/error-serializer.js';
import { AppError } from './app-error.js';
import type { ErrorType } from './error-catalogue.js';
import { badRequest, forbidden, internalError, methodNotAllowed, notFound, payloadTooLarge } from './http.errors.js';

/** Translates the errors of one library for the client; returns undefined for any other error. */
export type ErrorTranslator = (error: unknown) => AppError | undefined;

/** Writes an error as a response. */
export type ErrorRenderer = (error: AppError, request: FastifyRequest, reply: FastifyReply) => void;

/** The errors for statuses that Fastify and Nest refuse requests with. Handlers throw declared errors. */
const DECLARED: ReadonlyMap<number, ErrorType> = new Map(
  [forbidden, notFound, methodNotAllowed, payloadTooLarge].map((type) => [type.status, type]),
);

/**
 * Turns everything that a handler, a guard, a pipe, a hook or Fastify's parsing throws into an error of the catalogue.
 * An unrecognized error is a bug: it is logged in full, and the 500 response contains nothing of it.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly render: ErrorRenderer,
    private readonly translators: readonly ErrorTranslator[],
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    this.answer(error, request, reply);
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const appError = this.toAppError(error);
    // A 503 without a cause is sent on purpose, by the thousand under load; the access log is enough.
    if (appError.status === 500 || (appError.status > 500 && appError.cause !== undefined)) {
      request.log.error({ err: serializeError(appError.cause ?? error), code: appError.code }, 'request failed');
    }
    if (!reply.sent) this.render(appError, request, reply);
  }

  private toAppError(error: unknown): AppError {
    if (error instanceof AppError) return error;
    for (const translate of this.translators) {
      const translated = translate(error);
      if (translated) return translated;
    }
    const status = statusOf(error);
    const type = status === 500 ? internalError : (DECLARED.get(status) ?? badRequest);
    // The texts of libraries may quote the request, so the declared text replaces them.
    return type({ cause: error });
  }
}

/** The status of Nest's exceptions and Fastify's errors if it is a 4xx; 500 for everything else. */
function statusOf(error: unknown): number {
  let status: unknown;
  if (error instanceof HttpException) status = error.getStatus();
  else if (isNativeError(error) && 'statusCode' in error) status = error.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
