/** @own-sources because it declares errors, permissions or limits */
import { readFileSync } from 'node:fs';
import { errorCatalogue } from '../../src/platform/http/error-catalogue.js';
import { PASSWORD, register, signedIn, uniqueName } from '../support/accounts.js';
import { send, type Received, type Sent } from '../support/http-client.js';
import { ProbeModule } from '../support/probe.module.js';
import { sendRaw } from '../support/raw-http.js';
import { TestApp } from '../support/test-app.js';

const PROBLEM = 'application/problem+json';
const ORIGIN = 'http://localhost:3000';
const ID = '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88';
const LOGIN = '/api/v1/auth/login-json';
const JSON_TYPE = { 'content-type': 'application/json' };
const CANARY = 'canary-8731';

const ERRORS: [code: string, status: number, path: string, sent: Sent][] = [
  ['auth.not_authenticated', 401, '/api/v1/users/me', {}],
  ['auth.invalid_token', 401, '/api/v1/users/me', { token: CANARY }],
  ['auth.invalid_credentials', 401, LOGIN, { body: { username: 'nobody', password: CANARY } }],
  [
    'auth.invalid_credentials',
    401,
    '/api/v1/auth/login',
    { body: new URLSearchParams({ username: 'nobody', password: CANARY }) },
  ],
  ['auth.inactive_user', 400, LOGIN, { body: { username: 'disabled', password: PASSWORD } }],
  ['users.username_taken', 400, '/api/v1/auth/register', { body: { username: 'TAKEN', password: CANARY } }],
  [
    'users.email_taken',
    400,
    '/api/v1/auth/register',
    { body: { username: 'another', email: 'taken@example.com', password: CANARY } },
  ],
  ['http.unreadable_body', 400, LOGIN, { body: Buffer.from('"\xff"', 'latin1'), headers: JSON_TYPE }],
  [
    'http.unreadable_body',
    400,
    '/api/v1/auth/login',
    { body: CANARY, headers: { 'content-type': 'multipart/form-data' } },
  ],
  ['http.forbidden', 403, '/api/v1/probe/forbidden', {}],
  ['http.not_found', 404, `/${CANARY}?password=${CANARY}`, {}],
  ['http.not_found', 404, `/%zz${CANARY}`, {}],
  ['http.not_found', 404, `/${CANARY}`, { method: 'HEAD' }],
  ['http.method_not_allowed', 405, LOGIN, { method: 'DELETE' }],
  ['http.method_not_allowed', 405, LOGIN, { method: 'HEAD' }],
  ['http.payload_too_large', 413, LOGIN, { body: CANARY.repeat(20_000), headers: JSON_TYPE }],
  ['validation.failed', 422, LOGIN, { body: { password: CANARY } }],
  ['validation.failed', 422, LOGIN, { body: `{"password":"${CANARY}"`, headers: JSON_TYPE }],
  // Other services would respond with 415.
  [
    'validation.failed',
    422,
    LOGIN,
    { body: `<password>${CANARY}</password>`, headers: { 'content-type': 'text/xml' } },
  ],
  ['validation.failed', 422, '/api/v1/auth/login', { body: new URLSearchParams({ password: CANARY }) }],
  ['validation.failed', 422, '/api/v1/probe/named/x?limit=0', {}],
  ['http.internal_error', 500, '/api/v1/probe/failing', {}],
  ['probe.unavailable', 503, '/api/v1/probe/unavailable', {}],
];

describe('error responses as application/problem+json (RFC 9457)', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [ProbeModule] });
    await register(app.url, { username: 'taken', email: 'taken@example.com' });
    await register(app.url, { username: 'disabled' });
    await app.sql(`UPDATE users SET is_active = false WHERE username = 'disabled'`);
  });
  afterAll(() => app.stop());

  const ask = async (path: string, sent: Sent, headers: Record<string, string>) =>
    send(app.url, path, { ...sent, headers: { origin: ORIGIN, 'x-request-id': ID, ...sent.headers, ...headers } });

  /** The headers without those that differ per response. */
  const headersOf = ({
    headers: { date: _date, 'content-length': _length, 'content-type': _type, ...headers },
  }: Received) => headers;

  describe.each(ERRORS)('%s (%i) at %s', (code, status, path, sent) => {
    it('has the members of the RFC, the code and the request id, and does not echo the request', async () => {
      const answer = await ask(path, sent, { accept: PROBLEM });
      expect([answer.status, answer.headers['content-type']]).toEqual([status, PROBLEM]);
      expect(answer.headers['x-request-id']).toBe(ID);
      if (sent.method === 'HEAD') return expect(answer.text).toBe('');
      const { title, detail, errors, ...members } = answer.body;
      expect(members).toEqual({
        type: `/docs/errors#${code}`,
        status,
        instance: `urn:uuid:${ID}`,
        code,
        request_id: ID,
      });
      expect([title, detail]).toEqual([expect.stringMatching(/^[A-Z][a-z ]+$/), expect.stringMatching(/\S/)]);
      expect(errors === undefined).toBe(status !== 422);
      expect(answer.text).not.toMatch(/canary|SELECT|hashed_password|\.ts|node_modules|stack/);
      expect(Number(answer.headers['content-length'])).toBe(Buffer.byteLength(answer.text));
    });

    it("has the status, headers and texts of FastAPI's format", async () => {
      const problem = await ask(path, sent, { accept: PROBLEM });
      const plain = await ask(path, sent, {});
      expect([plain.status, plain.headers['content-type']]).toEqual([status, 'application/json']);
      expect(headersOf(problem)).toEqual(headersOf(plain));
      expect(plain.headers).toMatchObject({ vary: 'Origin, Accept', 'access-control-allow-origin': ORIGIN });
      if (status === 401) expect(plain.headers['www-authenticate']).toBe('Bearer');
      if (status === 405) expect(plain.headers.allow).toBe('POST');
      if (status === 503) expect(plain.headers['retry-after']).toMatch(/^\d+$/);
      if (sent.method === 'HEAD') return expect(plain.text).toBe('');
      expect(Object.keys(plain.body)).toEqual(['detail']);
      const { detail, errors } = problem.body;
      expect(errors ?? detail).toEqual(plain.body.detail);
      expect(plain.text).not.toMatch(/canary|SELECT/);
    });
  });

  it('describe each invalid field, also in the detail', async () => {
    const body = { username: 'a', password: 'x', email: 'y' };
    const problem = await ask('/api/v1/auth/register', { body }, { accept: PROBLEM });
    const entries = problem.body.errors as { loc: string[]; msg: string }[];
    expect(entries.length).toBeGreaterThan(1);
    expect(problem.body).toMatchObject({
      title: 'Validation failed',
      detail: entries.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; '),
    });
  });

  it('have the request id, and an instance only if the id is a UUID', async () => {
    const made = await send(app.url, '/nowhere', { headers: { accept: PROBLEM } });
    const id = made.headers['x-request-id'];
    expect(made.body).toMatchObject({ request_id: id, instance: `urn:uuid:${String(id)}` });
    const chosen = await ask('/nowhere', {}, { accept: PROBLEM, 'x-request-id': 'my.Own_id-1' });
    expect(chosen.body).toMatchObject({ request_id: 'my.Own_id-1' });
    expect(chosen.body).not.toHaveProperty('instance');
  });

  it.each([
    ['no Accept header', undefined, 'application/json'],
    ['any type', '*/*', 'application/json'],
    ['the header of axios', 'application/json, text/plain, */*', 'application/json'],
    ['the header of a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json'],
    ['an unsupported type', 'image/png', 'application/json'],
    ['the header of a generated client', `application/json,${PROBLEM}`, 'application/json'],
    ['the same header in the other order', `${PROBLEM}, application/json`, 'application/json'],
    ['both types, problem details with more weight', `application/json;q=0.9, ${PROBLEM}`, PROBLEM],
    ['both types, problem details with less weight', `application/json, ${PROBLEM};q=0.9`, 'application/json'],
    ['problem details with less weight than a wildcard', `*/*, ${PROBLEM};q=0.9`, PROBLEM],
    ['any type except problem details', `*/*, ${PROBLEM};q=0`, 'application/json'],
    ['problem details in upper case', PROBLEM.toUpperCase(), PROBLEM],
  ])('are negotiated for %s: %s', async (_what, accept, type) => {
    const answer = await send(app.url, '/nowhere', accept === undefined ? {} : { headers: { accept } });
    expect([answer.status, answer.headers['content-type']]).toEqual([404, type]);
  });

  it('are negotiated from all Accept lines', async () => {
    const lines = `Accept: application/json;q=0.5\r\nAccept: ${PROBLEM};q=0.6\r\n`;
    const answer = await sendRaw(app.url, `GET /nowhere HTTP/1.1\r\nHost: x\r\n${lines}\r\n`);
    expect(answer.headers['content-type']).toBe(PROBLEM);
  });

  it('do not affect successful responses', async () => {
    const { token } = await signedIn(app.url, { username: uniqueName() });
    const answer = await send(app.url, '/api/v1/users/me', { token, headers: { accept: PROBLEM } });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json', vary: 'Origin' } });
  });

  it('are sent when a request is refused before routing', async () => {
    const answer = await sendRaw(app.url, `GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\nAccept: ${PROBLEM}\r\n\r\n`);
    expect(answer).toMatchObject({ status: 400, closed: true, headers: { 'content-type': PROBLEM, vary: 'Accept' } });
    expect(JSON.parse(answer.text)).toMatchObject({
      code: 'http.bad_host',
      request_id: answer.headers['x-request-id'],
    });
  });

  it.each([
    ['http.bad_request', 400, `GET /health HTTP/9.9\r\nHost: x\r\nAccept: ${PROBLEM}\r\n\r\n`],
    ['http.headers_too_large', 431, `GET /?${'a'.repeat(17_000)} HTTP/1.1\r\nHost: x\r\nAccept: ${PROBLEM}\r\n\r\n`],
  ])("have FastAPI's format when the request cannot be parsed: %s (%i)", async (code, status, request) => {
    const answer = await sendRaw(app.url, request);
    const { detail } = errorCatalogue().find((type) => type.code === code) ?? {};
    expect(answer).toMatchObject({ status, text: JSON.stringify({ detail }), closed: true });
    expect(answer.headers['content-type']).toBe('application/json');
  });

  it('equal the examples of docs/errors.md', async () => {
    const shown = readFileSync('docs/errors.md', 'utf8').split('\n');
    for (const headers of [{ accept: '*/*' }, { accept: PROBLEM }]) {
      const { text } = await ask('/api/v1/users/me', { token: 'x' }, headers);
      expect(shown).toContain(text);
    }
  });

  it('link to a page that describes every code', async () => {
    const { text } = await send(app.url, '/docs/errors');
    for (const { code } of errorCatalogue()) expect(text).toContain(`<tr id="${code}">`);
  });
});
