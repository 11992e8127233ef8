import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../platform/http/app-error.js';
import { JsonNumber, LosslessObject } from '../body/lossless-json.js';
import { renderError } from './error-response.js';

function answerOf(error: AppError) {
  const answer = { status: 0, headers: {} as Record<string, string>, body: '' };
  const reply = {
    code: (status: number) => ((answer.status = status), reply),
    header: (name: string, value: string) => ((answer.headers[name] = value), reply),
    headers: (headers: Record<string, string>) => (Object.assign(answer.headers, headers), reply),
    send: (body: string) => ((answer.body = body), reply),
  };
  renderError(error, {} as FastifyRequest, reply as unknown as FastifyReply);
  return answer;
}

const JSON_ONLY = { 'content-type': 'application/json' };

describe('renderError', () => {
  it('writes the detail as compact JSON', () => {
    expect(answerOf(new AppError('users.username_taken', 400, 'Username already registered'))).toEqual({
      status: 400,
      headers: JSON_ONLY,
      body: '{"detail":"Username already registered"}',
    });
  });

  it('writes what was received digit by digit', () => {
    const input = new LosslessObject([
      ['2', new JsonNumber('1.0')],
      ['1', new JsonNumber('12345678901234567890')],
    ]);
    expect(answerOf(new AppError('request.invalid', 422, [{ type: 'missing', input }])).body).toBe(
      '{"detail":[{"type":"missing","input":{"2":1.0,"1":12345678901234567890}}]}',
    );
  });

  it('asks for a bearer token on every 401, and on no other', () => {
    const bearer = { ...JSON_ONLY, 'www-authenticate': 'Bearer' };
    expect(answerOf(new AppError('http.401', 401, 'Not authenticated')).headers).toEqual(bearer);
    expect(answerOf(new AppError('http.403', 403, 'Forbidden')).headers).toEqual(JSON_ONLY);
  });

  it('adds the headers of the error, which win', () => {
    const headers = { allow: 'GET, POST', 'x-a': 'b' };
    expect(answerOf(new AppError('a', 405, 'b', headers)).headers).toEqual({ ...JSON_ONLY, ...headers });
    const stricter = { 'www-authenticate': 'Bearer error="invalid_token"' };
    expect(answerOf(new AppError('a', 401, 'b', stricter)).headers).toEqual({ ...JSON_ONLY, ...stricter });
  });

  it('tells neither code nor cause', () => {
    const { body } = answerOf(new AppError('secret.code', 500, 'x', {}, { cause: new Error('secret') }));
    expect(body).toBe('{"detail":"x"}');
  });
});
