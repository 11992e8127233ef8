import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { send, type Sent } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { GadgetsModule } from './gadgets.module.js';

const ORIGIN = 'http://localhost:3000';

describe('error responses of any route', () => {
  let app: TestApp;
  let log = '';

  beforeAll(async () => {
    const sink = new Writable({
      write(line: Buffer, _encoding, done) {
        log += line.toString();
        done();
      },
    });
    app = await TestApp.start({ imports: [GadgetsModule], logger: pino(sink) });
  });
  afterAll(() => app.stop());

  const fromBrowser = (path: string, { headers, ...request }: Sent = {}) =>
    send(app.url, path, { ...request, headers: { origin: ORIGIN, 'x-request-id': 'asked.for-1', ...headers } });

  it.each(['error', 'text', 'nothing', 'rejection', 'unserializable'])(
    'answer 500 to an unhandled %s as JSON that a browser may read, without details',
    async (kind) => {
      const answer = await fromBrowser(`/api/v1/faults/${kind}`);
      expect([answer.status, answer.text]).toEqual([500, '{"detail":"Internal Server Error"}']);
      expect(JSON.stringify(answer.headers)).not.toContain('SELECT');
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json',
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-credentials': 'true',
        'x-request-id': 'asked.for-1',
        vary: 'Origin, Accept',
      });
      expect(answer.headers['access-control-expose-headers']).toContain('X-Request-ID');
    },
  );

  it('log an unhandled error with the request id', async () => {
    log = '';
    await fromBrowser('/api/v1/faults/error');
    const line = log.split('\n').find((each) => each.includes('request failed')) ?? '';
    expect(line).toContain('asked.for-1');
    expect(line).toContain('SELECT password FROM users failed');
  });

  const json = { 'content-type': 'application/json' };
  const unreadable = '{"detail":"There was an error parsing the body"}';

  it.each<[string, number, string, Sent, string | RegExp]>([
    ['over the limit', 413, '/api/v1/gadgets', { headers: json, body: `"${'x'.repeat(102_400)}"` }, /^\{"detail":"\w/],
    ['that is not UTF-8', 400, '/api/v1/gadgets', { headers: json, body: Buffer.from('"\xff"', 'latin1') }, unreadable],
    ['with too deep nesting', 400, '/api/v1/gadgets', { headers: json, body: '['.repeat(5000) }, unreadable],
    [
      'in gzip',
      400,
      '/api/v1/gadgets',
      { headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync('{}') },
      unreadable,
    ],
    [
      'without a boundary',
      400,
      '/api/v1/gadgets/form',
      { headers: { 'content-type': 'multipart/form-data' }, body: 'x' },
      /boundary/,
    ],
  ])('refuse a body %s with %i', async (_what, status, path, request, text) => {
    const answer = await fromBrowser(path, { method: 'POST', ...request });
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(text);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': ORIGIN, 'x-request-id': 'asked.for-1' });
  });

  const MASK = '**********';
  const unicode = {
    type: 'string_unicode',
    msg: 'Input should be a valid string, unable to parse raw data as a unicode string',
    input: MASK,
  };
  const missing = { type: 'missing', msg: 'Field required' };
  const short = (min_length: number) => ({
    type: 'string_too_short',
    msg: `String should have at least ${min_length} characters`,
    ctx: { min_length },
  });

  it.each([
    ['a lone surrogate', '{"label":"a\\ud800b","pin":"123456"}', [{ ...unicode, loc: ['body', 'label'] }]],
    ['a NUL', '{"label":"a\\u0000b","pin":"123456"}', [{ ...unicode, loc: ['body', 'label'] }]],
    ['a short secret', '{"label":"ab","pin":"12"}', [{ ...short(6), loc: ['body', 'pin'], input: MASK }]],
    [
      'a missing field next to secrets in declared and misspelt fields',
      '{"pin":"123456","pni":"123456","x":{"pin":"123456"}}',
      [{ ...missing, loc: ['body', 'label'], input: { pin: MASK, pni: MASK, x: MASK } }],
    ],
    [
      'an object instead of a string',
      '{"label":{"pin":"123456"},"pin":"123456"}',
      [{ type: 'string_type', loc: ['body', 'label'], msg: 'Input should be a valid string', input: { pin: MASK } }],
    ],
  ])('answer 422 to %s without showing a secret', async (_what, body, detail) => {
    const answer = await send(app.url, '/api/v1/gadgets', { headers: json, body });
    expect([answer.status, answer.body]).toEqual([422, { detail }]);
    expect(answer.text).not.toContain('123456');
  });

  it.each([
    ['valid fields', 'label=ab&pin=123456&more=x', 200, undefined],
    ['an empty value', 'label=&pin=123456', 422, [{ ...missing, loc: ['body', 'label'], input: null }]],
    ['a short value', 'label=a&pin=123456', 422, [{ ...short(2), loc: ['body', 'label'], input: 'a' }]],
    ['a NUL', 'label=a%00b&pin=123456', 422, [{ ...unicode, loc: ['body', 'label'] }]],
  ])('answer a form with %s (%s) with %i', async (_what, form, status, detail) => {
    const answer = await send(app.url, '/api/v1/gadgets/form', { body: new URLSearchParams(form) });
    expect([answer.status, answer.body.detail]).toEqual([status, detail]);
  });

  it('answer 422 to a form with a repeated field without showing a secret', async () => {
    const body = new URLSearchParams('label=ab&pin=123456&pin=123456');
    const answer = await send(app.url, '/api/v1/gadgets/form', { body });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ detail: [{ loc: ['body', 'pin'], input: MASK }] });
    expect(answer.text).not.toContain('123456');
  });

  it.each([
    ['/api/v1/gadgets/7', 200],
    ['/api/v1/gadgets/0', 400],
    ['/nowhere', 404],
    ['/api/v1/gadgets', 405],
    ['/api/v1/gadgets/x', 422],
    ['/api/v1/faults/error', 500],
  ])('of %s (%i) have the security headers and are not cached', async (path, status) => {
    const answer = await send(app.url, path);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    for (const name of ['server', 'x-powered-by']) expect(answer.headers).not.toHaveProperty(name);
  });
});
