import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorDefinition, type ErrorOccurrence } from '../../platform/http/app-error.js';
import { JsonNumber, LosslessObject } from '../json/lossless-json.js';
import { renderError } from './error-response.js';

const ID = '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88';
const FASTAPI = { 'content-type': 'application/json', vary: 'Accept' };
const PROBLEM = { 'content-type': 'application/problem+json', vary: 'Accept' };

interface Asked {
  accept?: string;
  id?: string;
  vary?: string;
}

function answerOf(error: AppError, { accept, id = ID, vary }: Asked = {}) {
  const answer = { status: 0, headers: {} as Record<string, string>, body: '' };
  const reply = {
    code: (status: number) => ((answer.status = status), reply),
    getHeader: () => vary,
    header: (name: string, value: string) => ((answer.headers[name] = value), reply),
    headers: (headers: Record<string, string>) => (Object.assign(answer.headers, headers), reply),
    send: (body: string) => ((answer.body = body), reply),
  };
  renderError(error, { headers: { accept }, id } as unknown as FastifyRequest, reply as unknown as FastifyReply);
  return answer;
}

const PROBLEMS = { accept: 'application/problem+json' };
const problemOf = (error: AppError, asked: Asked = {}) =>
  JSON.parse(answerOf(error, { ...PROBLEMS, ...asked }).body) as Record<string, unknown>;

const errorOf = (definition: Partial<ErrorDefinition>, occurrence?: ErrorOccurrence) =>
  new AppError(
    { code: 'users.gone', status: 410, title: 'Gone user', detail: 'x', about: 'y', ...definition },
    occurrence,
  );

const invalid = (...detail: unknown[]) => errorOf({ code: 'validation.failed', status: 422 }, { detail });

describe('renderError', () => {
  describe("in FastAPI's shape", () => {
    it('writes the detail as compact JSON', () => {
      expect(answerOf(errorOf({ detail: 'This user is gone' }))).toEqual({
        status: 410,
        headers: FASTAPI,
        body: '{"detail":"This user is gone"}',
      });
    });

    it('writes what was received digit by digit', () => {
      const input = new LosslessObject([
        ['2', new JsonNumber('1.0')],
        ['1', new JsonNumber('12345678901234567890')],
      ]);
      expect(answerOf(invalid({ type: 'missing', input })).body).toBe(
        '{"detail":[{"type":"missing","input":{"2":1.0,"1":12345678901234567890}}]}',
      );
    });
  });

  describe('as problem details', () => {
    it('writes the members of RFC 9457, the code and the id of the request', () => {
      const answer = answerOf(errorOf({ detail: 'This user is gone' }), PROBLEMS);
      expect([answer.status, answer.headers]).toEqual([410, PROBLEM]);
      expect(answer.body).toBe(
        `{"type":"/docs/errors#users.gone","title":"Gone user","status":410,"detail":"This user is gone",` +
          `"instance":"urn:uuid:${ID}","code":"users.gone","request_id":"${ID}"}`,
      );
    });

    it('leaves the instance out where the client chose an id that is no UUID', () => {
      const problem = problemOf(errorOf({}), { id: 'my.Own_id-1' });
      expect(problem).toMatchObject({ request_id: 'my.Own_id-1' });
      expect(problem).not.toHaveProperty('instance');
    });

    it('lists what is wrong as FastAPI does, and says it in words, with what was received digit by digit', () => {
      const entries = [
        { type: 'missing', loc: ['body', 'password'], msg: 'Field required', input: new JsonNumber('1.0') },
        { type: 'json_invalid', loc: ['body', 14], msg: 'JSON decode error', input: {} },
      ];
      const { body } = answerOf(invalid(...entries), PROBLEMS);
      expect(JSON.parse(body)).toMatchObject({
        detail: 'body.password: Field required; body.14: JSON decode error',
        errors: [{ loc: ['body', 'password'] }, { loc: ['body', 14] }],
      });
      expect(body).toContain('"input":1.0');
    });

    it('has a text of the occurrence, and the title of its kind', () => {
      expect(problemOf(errorOf({}, { detail: 'Gone since May' }))).toMatchObject({
        title: 'Gone user',
        detail: 'Gone since May',
      });
    });
  });

  describe.each([
    ["FastAPI's shape", undefined, FASTAPI],
    ['problem details', 'application/problem+json', PROBLEM],
  ])('in %s', (_name, accept, shape) => {
    const asked = accept === undefined ? {} : { accept };

    it('asks for a bearer token on every 401, and on no other', () => {
      const bearer = { ...shape, 'www-authenticate': 'Bearer' };
      expect(answerOf(errorOf({ status: 401 }), asked).headers).toEqual(bearer);
      expect(answerOf(errorOf({ status: 403 }), asked).headers).toEqual(shape);
    });

    it('adds the headers of the error, which win', () => {
      const headers = { allow: 'GET, POST', 'x-a': 'b' };
      expect(answerOf(errorOf({ status: 405 }, { headers }), asked).headers).toEqual({ ...shape, ...headers });
      const stricter = { 'www-authenticate': 'Bearer error="invalid_token"' };
      const unauthorized = errorOf({ status: 401, headers: stricter });
      expect(answerOf(unauthorized, asked).headers).toEqual({ ...shape, ...stricter });
    });

    it('tells no cause', () => {
      const error = errorOf({ status: 500 }, { cause: new Error('secret') });
      expect(answerOf(error, asked).body).not.toContain('secret');
    });

    it.each([
      [undefined, 'Accept'],
      ['Origin', 'Origin, Accept'],
      ['Origin, Accept-Encoding', 'Origin, Accept-Encoding, Accept'],
      ['Origin,accept', 'Origin, Accept'],
    ])('varies by Accept beside %s', (vary, expected) => {
      const own = vary === undefined ? {} : { vary };
      expect(answerOf(errorOf({}), { ...asked, ...own }).headers.vary).toBe(expected);
    });
  });
});
