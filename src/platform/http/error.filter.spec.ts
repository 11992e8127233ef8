import {
  type ArgumentsHost,
  BadRequestException,
  ForbiddenException,
  HttpException,
  NotFoundException,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorOccurrence } from './app-error.js';
import { ErrorFilter, type ErrorTranslator } from './error.filter.js';
import { badRequest, notFound } from './http.errors.js';

const away = (occurrence?: ErrorOccurrence) =>
  new AppError({ code: 'database.away', status: 503, detail: 'Not now', about: 'Later.' }, occurrence);

const fastifyError = (statusCode: number, message: string) =>
  Object.assign(new Error(message), { statusCode, code: 'FST_ERR_SOMETHING' });

function answerTo(thrown: unknown, { translators = [] as ErrorTranslator[], sent = false } = {}) {
  const rendered: AppError[] = [];
  const logged: unknown[][] = [];
  const request = { log: { error: (...line: unknown[]) => logged.push(line) } } as unknown as FastifyRequest;
  const reply = { sent } as FastifyReply;
  const errorFilter = new ErrorFilter((appError) => rendered.push(appError), translators);
  const host = { switchToHttp: () => ({ getRequest: () => request, getResponse: () => reply }) };
  errorFilter.catch(thrown, host as unknown as ArgumentsHost);
  return { answer: rendered[0], rendered, logged };
}

describe('ErrorFilter', () => {
  it('answers an AppError as it is', () => {
    const error = notFound({ headers: { 'x-a': 'b' }, cause: new Error('no row') });
    const { answer, logged } = answerTo(error);
    expect(answer).toBe(error);
    expect(logged).toEqual([]);
  });

  it.each<[string, unknown, string, number, string]>([
    ['a 404 of Nest, which names the path', new NotFoundException('Cannot GET /x'), 'http.not_found', 404, 'Not Found'],
    ['a guard that refuses', new ForbiddenException('secret'), 'http.forbidden', 403, 'Forbidden'],
    ["Fastify's 405", fastifyError(405, 'secret'), 'http.method_not_allowed', 405, 'Method Not Allowed'],
    ["Fastify's 413", fastifyError(413, 'secret is big'), 'http.payload_too_large', 413, 'Payload Too Large'],
    ["Fastify's 400", fastifyError(400, 'Unexpected token secret'), 'http.bad_request', 400, 'Bad Request'],
    ["Nest's BadRequestException", new BadRequestException('secret'), 'http.bad_request', 400, 'Bad Request'],
    ['a status that is not declared', fastifyError(415, 'secret'), 'http.bad_request', 400, 'Bad Request'],
    [
      'an object with a status that is not declared',
      new HttpException({ secret: 1 }, 409),
      'http.bad_request',
      400,
      'Bad Request',
    ],
  ])('answers %s with an error of the catalogue that quotes nothing', (_, error, code, status, detail) => {
    const { answer, logged } = answerTo(error);
    expect(answer).toMatchObject({ code, status, detail, headers: {}, cause: error });
    expect(logged).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['an error', new Error('secret: SELECT * FROM users')],
    ['an error with a code', Object.assign(new Error('secret'), { code: 'ERR_X' })],
    ['a status below 400', fastifyError(302, 'secret')],
    ['a status of 500', fastifyError(500, 'secret')],
    ['a status that is a string', Object.assign(new Error('secret'), { statusCode: '404' })],
    ["Nest's exception with a 5xx status", new HttpException('secret', 502)],
    ['an object', { statusCode: 404, message: 'secret' }],
    ['a string', 'secret'],
    ['null', null],
    ['undefined', undefined],
  ])('answers %s with a bare 500 and logs it', (_, error) => {
    const { answer, logged } = answerTo(error);
    expect(answer).toMatchObject({ code: 'http.internal_error', status: 500, detail: 'Internal Server Error' });
    expect(JSON.stringify([answer?.detail, answer?.headers])).not.toContain('secret');
    expect(logged).toEqual([[{ err: expect.anything(), code: 'http.internal_error' }, 'request failed']]);
  });

  it('logs the message and the stack of an unexpected error', () => {
    const error = new TypeError('x is undefined');
    const [[fields] = []] = answerTo(error).logged;
    expect(fields).toMatchObject({ err: { type: 'TypeError', message: 'x is undefined', stack: error.stack } });
  });

  it('uses the first translation, and logs the cause of a 503', () => {
    const error = new Error('connection lost');
    const translated = away({ cause: error });
    const { answer, logged } = answerTo(error, { translators: [() => undefined, () => translated, () => fail()] });
    expect(answer).toBe(translated);
    expect(logged).toEqual([
      [{ err: expect.objectContaining({ message: 'connection lost' }), code: 'database.away' }, 'request failed'],
    ]);
  });

  it('does not log a 503 without a cause, which is sent on purpose', () => {
    expect(answerTo(away())).toMatchObject({ answer: { status: 503 }, logged: [] });
  });

  it('does not translate an AppError', () => {
    const error = badRequest();
    expect(answerTo(error, { translators: [() => fail()] }).answer).toBe(error);
  });

  it('logs an error after the response was sent, and does not answer again', () => {
    const { rendered, logged } = answerTo(new Error('late'), { sent: true });
    expect(rendered).toEqual([]);
    expect(logged).toHaveLength(1);
  });
});

function fail(): never {
  throw new Error('called unexpectedly');
}
