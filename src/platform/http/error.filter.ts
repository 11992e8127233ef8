// Unlike instanceof it knows the errors of Node's own modules wherever they were made.
import { isNativeError } from 'node:util/types';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { serializeError } from '../logging/error-serializer.js';
import { AppError } from './app-error.js';
import type { ErrorType } from './error-catalogue.js';
import { badRequest, forbidden, internalError, methodNotAllowed, notFound, payloadTooLarge } from './http.errors.js';

/** Recognises the errors of one library and says what they are to a client; undefined for any other. */
export type ErrorTranslator = (error: unknown) => AppError | undefined;

/** Writes an error to the wire. */
export type ErrorRenderer = (error: AppError, request: FastifyRequest, reply: FastifyReply) => void;

/** What Fastify and Nest themselves refuse; handlers throw declared errors. */
const DECLARED: ReadonlyMap<number, ErrorType> = new Map(
  [forbidden, notFound, methodNotAllowed, payloadTooLarge].map((type) => [type.status, type]),
);

/**
 * The one place where a throw becomes an answer, whether it comes from a handler, a guard, a pipe, a hook or Fastify's
 * own parsing. Every answer is one of the catalogue. What nobody recognises is a fault of ours: logged whole, answered
 * without any of it.
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
    // A 503 without a cause is given on purpose, under load by the thousand: the access log has it.
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
    // The texts of libraries may quote what they were sent: the declared one stands in.
    return type({ cause: error });
  }
}

/** Nest's exceptions and Fastify's errors carry a status; anything that is no refusal of a request is a fault of ours. */
function statusOf(error: unknown): number {
  let status: unknown;
  if (error instanceof HttpException) status = error.getStatus();
  else if (isNativeError(error) && 'statusCode' in error) status = error.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
