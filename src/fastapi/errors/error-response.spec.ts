import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorDefinition, type ErrorOccurrence } from '../../platform/http/app-error.js';
import { JsonNumber, LosslessObject } from '../json/lossless-json.js';
import { renderError } from './error-response.js';

const ID = '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88';
const FASTAPI = { 'content-type': 'application/json', vary: 'Accept' };
const PROBLEM = { 'content-type': 'application/problem+json', vary: 'Accept' };

interface RequestOptions {
  accept?: string;
  id?: string;
  vary?: string;
}

function answerOf(error: AppError, { accept, id = ID, vary }: RequestOptions = {}) {
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
const problemOf = (error: AppError, options: RequestOptions = {}) =>
  JSON.parse(answerOf(error, { ...PROBLEMS, ...options }).body) as Record<string, unknown>;

const errorOf = (definition: Partial<ErrorDefinition>, occurrence?: ErrorOccurrence) =>
  new AppError(
    { code: 'users.gone', status: 410, title: 'Gone user', detail: 'x', about: 'y', ...definition },
    occurrence,
  );

const invalid = (...detail: unknown[]) => errorOf({ code: 'validation.failed', status: 422 }, { detail });

describe('renderError', () => {
  describe("in FastAPI's format", () => {
    it('writes the detail as compact JSON', () => {
      expect(answerOf(errorOf({ detail: 'This user is gone' }))).toEqual({
        status: 410,
        headers: FASTAPI,
        body: '{"detail":"This user is gone"}',
      });
    });

    it('echoes the input with all digits', () => {
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

    it('omits the instance if the client chose an id that is not a UUID', () => {
      const problem = problemOf(errorOf({}), { id: 'my.Own_id-1' });
      expect(problem).toMatchObject({ request_id: 'my.Own_id-1' });
      expect(problem).not.toHaveProperty('instance');
    });

    it('lists the errors as FastAPI does, describes them in detail, and echoes the input with all digits', () => {
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

    it('has the detail of the occurrence and the title of its type', () => {
      expect(problemOf(errorOf({}, { detail: 'Gone since May' }))).toMatchObject({
        title: 'Gone user',
        detail: 'Gone since May',
      });
    });
  });

  describe.each([
    ["FastAPI's format", undefined, FASTAPI],
    ['problem details', 'application/problem+json', PROBLEM],
  ])('in %s', (_name, accept, format) => {
    const options = accept === undefined ? {} : { accept };

    it('requests a bearer token with every 401, and with no other status', () => {
      const bearer = { ...format, 'www-authenticate': 'Bearer' };
      expect(answerOf(errorOf({ status: 401 }), options).headers).toEqual(bearer);
      expect(answerOf(errorOf({ status: 403 }), options).headers).toEqual(format);
    });

    it('adds the headers of the error, which take precedence', () => {
      const headers = { allow: 'GET, POST', 'x-a': 'b' };
      expect(answerOf(errorOf({ status: 405 }, { headers }), options).headers).toEqual({ ...format, ...headers });
      const stricter = { 'www-authenticate': 'Bearer error="invalid_token"' };
      const unauthorized = errorOf({ status: 401, headers: stricter });
      expect(answerOf(unauthorized, options).headers).toEqual({ ...format, ...stricter });
    });

    it('does not show the cause', () => {
      const error = errorOf({ status: 500 }, { cause: new Error('secret') });
      expect(answerOf(error, options).body).not.toContain('secret');
    });

    it.each([
      [undefined, 'Accept'],
      ['Origin', 'Origin, Accept'],
      ['Origin, Accept-Encoding', 'Origin, Accept-Encoding, Accept'],
      ['Origin,accept', 'Origin, Accept'],
    ])('adds Accept to the Vary header %s', (vary, expected) => {
      const previous = vary === undefined ? {} : { vary };
      expect(answerOf(errorOf({}), { ...options, ...previous }).headers.vary).toBe(expected);
    });
  });
});
