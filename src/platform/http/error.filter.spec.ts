import {
  type ArgumentsHost,
  BadRequestException,
  HttpException,
  NotFoundException,
  UnauthorizedException,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from './app-error.js';
import { ErrorFilter, type ErrorTranslator } from './error.filter.js';

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
    const error = new AppError('users.taken', 400, 'Taken', { 'x-a': 'b' });
    const { answer, logged } = answerTo(error);
    expect(answer).toBe(error);
    expect(logged).toEqual([]);
  });

  it.each<[string, unknown, number, string]>([
    ['our own text of a Nest exception', new UnauthorizedException('Not authenticated'), 401, 'Not authenticated'],
    ['an exception without a text', new BadRequestException(), 400, 'Bad Request'],
    ['a 404, which names the path', new NotFoundException('Cannot GET /secret'), 404, 'Not Found'],
    [
      'an exception with a cause, which quotes the input',
      new BadRequestException('Unexpected token s in "secret"', { cause: new Error('secret') }),
      400,
      'Bad Request',
    ],
    ['an exception with an object', new HttpException({ secret: 1 }, 409), 409, 'Http Exception'],
    ["Fastify's 413", fastifyError(413, 'secret is too large'), 413, 'Payload Too Large'],
    ["Fastify's 415", fastifyError(415, 'Unsupported Media Type: secret'), 415, 'Unsupported Media Type'],
    ['an unheard-of status', fastifyError(499, 'secret'), 499, 'Bad Request'],
  ])('answers %s with the status and a text that quotes nothing', (_, error, status, detail) => {
    const { answer, logged } = answerTo(error);
    expect(answer).toMatchObject({ code: `http.${status}`, status, detail, cause: error });
    expect(logged).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['an error', new Error('secret: SELECT * FROM users')],
    ['an error with a code', Object.assign(new Error('secret'), { code: 'ERR_X' })],
    ['a status below 400', fastifyError(302, 'secret')],
    ['a status of 500', fastifyError(500, 'secret')],
    ['a status that is a text', Object.assign(new Error('secret'), { statusCode: '404' })],
    ['an exception of Nest that is a fault', new HttpException('secret', 502)],
    ['an object', { statusCode: 404, message: 'secret' }],
    ['a text', 'secret'],
    ['null', null],
    ['undefined', undefined],
  ])('answers %s with a bare 500 and logs it', (_, error) => {
    const { answer, logged } = answerTo(error);
    expect(answer).toMatchObject({ code: 'http.internal_error', status: 500, detail: 'Internal Server Error' });
    expect(JSON.stringify([answer?.detail, answer?.headers])).not.toContain('secret');
    expect(logged).toEqual([[{ err: expect.anything(), code: 'http.internal_error' }, 'request failed']]);
  });

  it('logs the message and the stack of a fault', () => {
    const error = new TypeError('x is undefined');
    const [[fields] = []] = answerTo(error).logged;
    expect(fields).toMatchObject({ err: { type: 'TypeError', message: 'x is undefined', stack: error.stack } });
  });

  it('asks the translators in turn, the first answer counting, and logs the cause of a 503', () => {
    const error = new Error('connection lost');
    const away = new AppError('database.unavailable', 503, 'Not now', {}, { cause: error });
    const { answer, logged } = answerTo(error, { translators: [() => undefined, () => away, () => fail()] });
    expect(answer).toBe(away);
    expect(logged).toEqual([
      [
        { err: expect.objectContaining({ message: 'connection lost' }), code: 'database.unavailable' },
        'request failed',
      ],
    ]);
  });

  it('asks no translator about an AppError', () => {
    const error = new AppError('a.b', 400, 'c');
    expect(answerTo(error, { translators: [() => fail()] }).answer).toBe(error);
  });

  it('logs, but does not answer, what fails after the answer', () => {
    const { rendered, logged } = answerTo(new Error('late'), { sent: true });
    expect(rendered).toEqual([]);
    expect(logged).toHaveLength(1);
  });
});

function fail(): never {
  throw new Error('asked needlessly');
}
