/** @own-sources because it declares errors, permissions or limits */
import { signedIn } from '../support/accounts.js';
import { type Received, send, type Sent } from '../support/http-client.js';
import { ProbeModule } from '../support/probe.module.js';
import { TestApp } from '../support/test-app.js';

const ALLOWED = 'https://app.example.com';
const OTHER = 'http://localhost:3000';
const METHODS = 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT';

/** Origins that resemble an allowed one. */
const LOOK_ALIKES = [
  'null',
  '',
  '*',
  'https://app.example.com.evil.com',
  'https://evil-app.example.com',
  'https://evilapp.example.com',
  'https://x.app.example.com',
  'https://example.com',
  'https://app.example.co',
  'http://app.example.com',
  'https://app.example.com:443',
  'https://app.example.com:8443',
  'http://localhost:3001',
  'http://localhost',
  'http://127.0.0.1:3000',
  'https://APP.example.com',
  'HTTPS://app.example.com',
  'https://app.example.com/',
  'https://app.example.com.',
  'https://app.example.com, https://evil.com',
  'https://appXexample.com',
  'https://app.example.com%00.evil.com',
  'https://app.example.com`.evil.com',
  'https://user@app.example.com',
];

/** The names of all headers that grant access to an origin. */
function grants({ headers }: Received): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-allow-'));
}

describe('cross-origin requests', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { CORS_ORIGINS: JSON.stringify([ALLOWED, OTHER]) }, imports: [ProbeModule] });
  });
  afterAll(() => app.stop());

  const preflight = async (origin: string, headers: Record<string, string> = {}, path = '/api/v1/users/me') =>
    send(app.url, path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', ...headers },
    });

  const ANSWERS: [status: number, path: string, sent: Sent][] = [
    [200, '/health', {}],
    [200, '/openapi.json', {}],
    [307, '/api/v1/users/me/', {}],
    [400, '/api/v1/auth/login-json', { body: Buffer.from([0xff]), headers: { 'content-type': 'application/json' } }],
    [401, '/api/v1/users/me', {}],
    [404, '/nowhere', {}],
    [404, '/%zz', {}],
    [405, '/health', { method: 'PUT' }],
    [405, '/health', { method: 'OPTIONS' }],
    [413, '/api/v1/auth/register', { body: Buffer.alloc(200_000) }],
    [422, '/api/v1/auth/register', { body: {} }],
    [500, '/api/v1/probe/failing', {}],
    [503, '/api/v1/probe/unavailable', {}],
  ];

  it.each(ANSWERS)('let an allowed origin read a %i from %s', async (status, path, sent) => {
    const answer = await send(app.url, path, { ...sent, headers: { ...sent.headers, origin: ALLOWED } });
    expect(answer).toMatchObject({
      status,
      headers: {
        'access-control-allow-origin': ALLOWED,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': expect.stringContaining('X-Request-ID'),
        vary: expect.stringContaining('Origin'),
      },
    });
  });

  it.each(ANSWERS)('do not let another origin read a %i from %s', async (status, path, sent) => {
    const answer = await send(app.url, path, { ...sent, headers: { ...sent.headers, origin: 'https://evil.com' } });
    expect(answer.status).toBe(status);
    expect(grants(answer)).toEqual([]);
    expect(answer.headers.vary).toContain('Origin');
  });

  it('let an allowed origin read a protected resource', async () => {
    const { token } = await signedIn(app.url);
    const answer = await send(app.url, '/api/v1/users/me', { token, headers: { origin: OTHER } });
    expect(answer).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': OTHER } });
  });

  it('have Origin in Vary and no grant when no origin is sent', async () => {
    const answer = await send(app.url, '/health');
    expect(answer.headers.vary).toContain('Origin');
    expect(grants(answer)).toEqual([]);
  });

  it.each(LOOK_ALIKES)('are refused for the similar origin %j', async (origin) => {
    expect(grants(await send(app.url, '/health', { headers: { origin } }))).toEqual([]);
    const answer = await preflight(origin);
    expect(answer).toMatchObject({ status: 400, text: 'Disallowed CORS origin' });
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('are not granted with two Origin headers', async () => {
    const answer = await send(app.url, '/health', { headers: { origin: [ALLOWED, 'https://evil.com'] } });
    expect(grants(answer)).toEqual([]);
  });

  it.each(['/api/v1/users/me', '/health', '/docs', '/nowhere', '/api/v1/users/me/', '/%zz'])(
    'have their preflight answered before routing: %s',
    async (path) => {
      const answer = await preflight(ALLOWED, { 'access-control-request-headers': 'authorization, x-Any-thing' }, path);
      expect(answer).toMatchObject({
        status: 200,
        text: 'OK',
        headers: {
          'access-control-allow-origin': ALLOWED,
          'access-control-allow-credentials': 'true',
          'access-control-allow-methods': METHODS,
          'access-control-allow-headers': 'authorization, x-Any-thing',
          'access-control-max-age': '600',
          'content-type': 'text/plain; charset=utf-8',
          vary: expect.stringContaining('Origin'),
        },
      });
    },
  );

  it.each(['TRACE', 'CONNECT', 'get', '', '*', 'GET, POST', 'GET\t', '__proto__'])(
    'have their preflight checked for the method %j',
    async (method) => {
      const answer = await preflight(ALLOWED, { 'access-control-request-method': method });
      // HTTP trims white space around a header value.
      const allowed = METHODS.split(', ').includes(method.trim());
      expect(answer).toMatchObject(allowed ? { status: 200 } : { status: 400, text: 'Disallowed CORS method' });
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': ALLOWED,
        'access-control-allow-methods': METHODS,
      });
    },
  );

  it.each(METHODS.split(', '))('are allowed for %s', async (method) => {
    expect((await preflight(ALLOWED, { 'access-control-request-method': method })).status).toBe(200);
  });

  it('are refused with all reasons, including a private network', async () => {
    const answer = await preflight('https://evil.com', {
      'access-control-request-method': 'BREW',
      'access-control-request-private-network': 'true',
    });
    expect(answer).toMatchObject({ status: 400, text: 'Disallowed CORS origin, method, private-network' });
    const allowed = await preflight(ALLOWED, { 'access-control-request-private-network': 'true' });
    expect(allowed).toMatchObject({ status: 400, text: 'Disallowed CORS private-network' });
    expect(allowed.headers).not.toHaveProperty('access-control-allow-private-network');
  });

  it.each(['', 'x'.repeat(8000), ', ,'])('are allowed with the requested headers echoed: %j', async (asked) => {
    const answer = await preflight(ALLOWED, { 'access-control-request-headers': asked });
    expect(answer).toMatchObject({ status: 200, headers: { 'access-control-allow-headers': asked } });
  });

  it.each(['a\xe9b', '\x80', '"<>'])('are allowed for the requested header %j', async (asked) => {
    expect((await preflight(ALLOWED, { 'access-control-request-headers': asked })).status).toBe(200);
  });
});
