/** @own-sources because it declares errors, permissions or limits */
import { signedIn } from '../support/accounts.js';
import { send, type Sent } from '../support/http-client.js';
import { ProbeModule } from '../support/probe.module.js';
import { sendRaw } from '../support/raw-http.js';
import { TestApp } from '../support/test-app.js';

const ORIGIN = 'http://localhost:3000';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Requests that cause every kind of response. */
const ANSWERS: [status: number, path: string, sent: Sent][] = [
  [200, '/health', {}],
  [200, '/docs', {}],
  [200, '/openapi.json', { method: 'HEAD' }],
  [200, '/docs/swagger-ui.css', {}],
  [200, '/anywhere', { method: 'OPTIONS', headers: { origin: ORIGIN, 'access-control-request-method': 'GET' } }],
  [307, '/docs/', {}],
  [400, '/anywhere', { method: 'OPTIONS', headers: { origin: 'null', 'access-control-request-method': 'GET' } }],
  [
    400,
    '/api/v1/auth/login-json',
    { body: Buffer.from('"\xff"', 'latin1'), headers: { 'content-type': 'application/json' } },
  ],
  [401, '/api/v1/users/me', {}],
  [401, '/api/v1/auth/login-json', { body: { username: 'nobody', password: 'nothing' } }],
  [404, '/nowhere', {}],
  [404, '/%zz', {}],
  [405, '/health', { method: 'DELETE' }],
  [413, '/api/v1/auth/login-json', { body: 'x'.repeat(200_000), headers: { 'content-type': 'application/json' } }],
  [422, '/api/v1/auth/login-json', { body: {} }],
  [422, '/api/v1/auth/login', { body: new URLSearchParams() }],
  [500, '/api/v1/probe/failing', {}],
  [503, '/api/v1/probe/unavailable', {}],
];

describe('response headers', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [ProbeModule] });
  });
  afterAll(() => app.stop());

  describe.each(ANSWERS)('of a %i from %s', (status, path, sent) => {
    it('include the security headers and do not identify the server', async () => {
      const answer = await send(app.url, path, sent);
      expect(answer.status).toBe(status);
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
        'referrer-policy': 'no-referrer',
        'cache-control': path.startsWith('/docs') || path === '/openapi.json' ? expect.anything() : 'no-store',
      });
      for (const name of ['server', 'x-powered-by', 'strict-transport-security', 'etag']) {
        expect(answer.headers).not.toHaveProperty(name);
      }
    });

    it('include a request id, which the client may choose', async () => {
      expect((await send(app.url, path, sent)).headers['x-request-id']).toMatch(UUID);
      const headers = { ...sent.headers, 'x-request-id': 'my.Own_id-1' };
      expect((await send(app.url, path, { ...sent, headers })).headers['x-request-id']).toBe('my.Own_id-1');
    });

    it('accompany an error body in the common format', async () => {
      const { method } = sent;
      if (status < 400 || method === 'OPTIONS') return;
      const answer = await send(app.url, path, sent);
      expect(answer.headers['content-type']).toBe('application/json');
      expect(Object.keys(answer.body)).toEqual(['detail']);
      expect(answer.text).not.toMatch(/SELECT|hashed_password|\.ts|at \/|node_modules|stack/);
      expect(Array.isArray(answer.body.detail)).toBe(status === 422);
      if (status === 503) expect(answer.headers['retry-after']).toMatch(/^\d+$/);
      if (status === 401) expect(answer.headers['www-authenticate']).toBe('Bearer');
    });
  });

  it('forbid caching of authenticated responses', async () => {
    const { token } = await signedIn(app.url);
    const answer = await send(app.url, '/api/v1/users/me', { token });
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
  });

  it('accompany a generic body for an unexpected error', async () => {
    expect((await send(app.url, '/api/v1/probe/failing')).text).toBe('{"detail":"Internal Server Error"}');
  });

  it.each([
    ['65 characters', 'a'.repeat(65)],
    ['8 KB', 'a'.repeat(8000)],
    ['an empty string', ''],
    ['a blank', 'a b'],
    ['an encoded line break', 'a%0d%0ab'],
    ['a line break in JSON notation', 'a\\r\\nb'],
    ['a quote', 'a"b'],
    ['markup', '<script>'],
    ['a terminal colour code', 'a[31m'],
    ['Unicode', '\xc3\xa9'],
    ['another form of a digit', '\xef\xbc\x91'],
  ])('replace a request id of %s', async (_name, id) => {
    const answer = await sendRaw(app.url, `GET /health HTTP/1.1\r\nHost: x\r\nX-Request-ID: ${id}\r\n\r\n`);
    expect(answer).toMatchObject({ status: 200, headers: { 'x-request-id': expect.stringMatching(UUID) } });
  });

  it('replace a repeated request id and accept one of 64 characters', async () => {
    const twice = await sendRaw(
      app.url,
      'GET /health HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\r\nX-Request-ID: b\r\n\r\n',
    );
    expect(twice.headers['x-request-id']).toMatch(UUID);
    const long = await send(app.url, '/health', { headers: { 'x-request-id': 'z'.repeat(64) } });
    expect(long.headers['x-request-id']).toBe('z'.repeat(64));
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])(
    'accompany a plain 404 when %s sends a body to an unknown route',
    async (method) => {
      const answer = await send(app.url, '/nowhere', { method, body: { password: 'canary' } });
      expect(answer).toMatchObject({ status: 404, text: '{"detail":"Not Found"}' });
    },
  );
});

describe('X-Forwarded-* headers', () => {
  const FORWARDED = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'proxy.example',
    'x-forwarded-for': '203.0.113.9',
    forwarded: 'proto=https;host=proxy.example',
  };

  describe('with TRUST_PROXY=0', () => {
    let app: TestApp;

    beforeAll(async () => {
      app = await TestApp.start();
    });
    afterAll(() => app.stop());

    it('change neither the target of a redirect nor the scheme', async () => {
      const answer = await send(app.url, '/docs/?a=1', { headers: FORWARDED });
      expect(answer.headers.location).toBe(`${app.url}/docs?a=1`);
      expect(answer.headers).not.toHaveProperty('strict-transport-security');
    });
  });

  describe('with TRUST_PROXY=1', () => {
    let app: TestApp;

    beforeAll(async () => {
      app = await TestApp.start({ settings: { TRUST_PROXY: '1' } });
    });
    afterAll(() => app.stop());

    it('set the scheme of the request, but not the host of a redirect', async () => {
      const answer = await send(app.url, '/docs/?a=1', { headers: FORWARDED });
      expect(answer.headers.location).toBe('/docs?a=1');
      expect(answer.headers['strict-transport-security']).toMatch(/^max-age=\d{8,}/);
    });

    it('do not cause HSTS when the client uses plain HTTP', async () => {
      const headers = { 'x-forwarded-proto': 'http' };
      expect((await send(app.url, '/health', { headers })).headers).not.toHaveProperty('strict-transport-security');
      expect((await send(app.url, '/health')).headers).not.toHaveProperty('strict-transport-security');
    });

    it.each([
      [{ 'x-forwarded-host': 'evil.example/path?' }],
      [{ 'x-forwarded-host': 'user@evil.example' }],
      [{ 'x-forwarded-host': 'evil.example"><script>' }],
      [{ 'x-forwarded-proto': 'javascript' }],
      [{ 'x-forwarded-proto': 'https://evil.example/' }],
    ])('are not copied into a redirect if they are invalid: %j', async (headers) => {
      expect((await send(app.url, '/docs/', { headers })).headers.location).toBe('/docs');
    });
  });
});
