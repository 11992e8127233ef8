import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { loggableError } from '../logging/loggable-error.js';
import { AppError } from './app-error.js';

/** Recognises the errors of one library and says what they are to a client; undefined for any other. */
export type ErrorTranslator = (error: unknown) => AppError | undefined;

/** Writes an error to the wire. */
export type ErrorRenderer = (error: AppError, request: FastifyRequest, reply: FastifyReply) => void;

/**
 * The one place where a throw becomes an answer, whether it comes from a handler, a guard, a pipe, a hook or Fastify's
 * own parsing. What nobody recognises is a fault of ours: logged whole, answered without any of it (row A106).
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
    if (appError.status >= 500) {
      request.log.error({ err: loggableError(appError.cause ?? error), code: appError.code }, 'request failed');
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
    if (status < 500) return new AppError(`http.${status}`, status, detailOf(error, status), {}, { cause: error });
    return new AppError('http.internal_error', 500, 'Internal Server Error', {}, { cause: error });
  }
}

/** Nest's exceptions and Fastify's errors carry a status; anything else is a fault of ours. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status: unknown = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

/** Texts that we threw ourselves are kept; a library's may quote what it was sent, so the reason phrase stands in. */
function detailOf(error: unknown, status: number): string {
  const ours = error instanceof HttpException && error.cause === undefined && status !== 404;
  return ours ? error.message : (STATUS_CODES[status] ?? 'Bad Request');
}
