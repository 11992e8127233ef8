import { register } from '../support/accounts.js';
import { type Received, send, type Sent } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const ORIGIN = 'https://app.example.com';
const AUTH = '/api/v1/auth';
const WEEK = 604_800;

interface Answer {
  access_token?: string;
  refresh_token?: string;
  detail?: string;
}

describe('the refresh token in a cookie', () => {
  let app: TestApp;
  let running: string | undefined;

  afterAll(() => app.stop());

  /** Starts the service unless it already runs with these settings. */
  const start = async (settings: Record<string, string> = {}) => {
    const wanted = JSON.stringify(settings);
    if (running === wanted) return;
    if (running !== undefined) await app.stop();
    const more = { CORS_ORIGINS: `["${ORIGIN}"]`, TRUST_PROXY: '1', SESSION_IDLE_DAYS: '7', ...settings };
    app = await TestApp.start({ settings: more });
    running = wanted;
  };
  const http = { 'x-auth-mode': 'cookie', origin: ORIGIN };
  const https = { ...http, 'x-forwarded-proto': 'https' };
  const post = async (path: string, request: Sent): Promise<Received<Answer>> =>
    send(app.url, `${AUTH}/${path}`, { method: 'POST', ...request });
  const login = async (headers: Record<string, string>, path = 'login-json') => {
    const { username, password } = await register(app.url);
    const fields = { username, password };
    return post(path, { headers, body: path === 'login' ? new URLSearchParams(fields) : fields });
  };
  const setCookies = ({ headers }: Received<Answer>) => headers['set-cookie'] ?? [];
  const setCookie = (answer: Received<Answer>) => setCookies(answer).at(-1) ?? '';
  /** The cookie that a browser would send after a response. */
  const cookieOf = (answer: Received<Answer>) => setCookie(answer).split(';')[0] ?? '';
  const statusOfMe = async (token = '') => (await send(app.url, '/api/v1/users/me', { token })).status;

  it.each(['login', 'login-json'])('is set by POST %s and is not in the body', async (path) => {
    await start();
    const answer = await login(https, path);
    expect(Object.keys(answer.body)).toEqual(['access_token', 'token_type', 'expires_in']);
    expect(answer.headers['set-cookie']).toHaveLength(1);
    const [pair, ...attributes] = setCookie(answer).split('; ');
    expect(pair).toMatch(/^__Host-refresh_token=[\w-]{92}$/);
    expect(attributes).toEqual([`Max-Age=${WEEK}`, 'Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-credentials': 'true',
      'cache-control': 'no-store',
    });
  });

  it('has neither a prefix nor Secure on plain HTTP', async () => {
    await start();
    const [pair, ...attributes] = setCookie(await login(http)).split('; ');
    expect(pair).toMatch(/^refresh_token=/);
    expect(attributes).toEqual([`Max-Age=${WEEK}`, 'Path=/', 'HttpOnly', 'SameSite=Lax']);
  });

  it.each([
    ['strict', https, 'Strict'],
    ['none', http, 'Lax'],
  ])('has the SameSite attribute of REFRESH_COOKIE=%s', async (REFRESH_COOKIE, headers, sameSite) => {
    await start({ REFRESH_COOKIE });
    expect(
      setCookie(await login(headers))
        .split('; ')
        .at(-1),
    ).toBe(`SameSite=${sameSite}`);
  });

  it('is partitioned with REFRESH_COOKIE=none, and replaces the unpartitioned one (CHIPS)', async () => {
    await start({ REFRESH_COOKIE: 'none' });
    const first = await login(https);
    const name = '__Host-refresh_token';
    const attributes = 'Path=/; HttpOnly; Secure; SameSite=None';
    expect(setCookies(first)).toEqual([
      `${name}=; Max-Age=0; ${attributes}`,
      expect.stringMatching(
        new RegExp(`^${name}=[\\w-]{92}; Max-Age=${WEEK}; Path=/; HttpOnly; Secure; Partitioned; SameSite=None$`),
      ),
    ]);
    const out = await post('logout', { headers: { ...https, cookie: cookieOf(first) } });
    expect(
      setCookies(out).map((text) => [text.startsWith(`${name}=; Max-Age=0`), text.includes('Partitioned')]),
    ).toEqual([
      [true, false],
      [true, true],
    ]);
  });

  it('is the newer one if the browser sends two', async () => {
    await start({ REFRESH_COOKIE: 'none' });
    const older = cookieOf(await login(https));
    const newer = cookieOf(await login(https));
    const refreshed = cookieOf(await post('refresh', { headers: { ...https, cookie: newer } }));
    for (const cookie of [`${older}; ${refreshed}`, `${refreshed}; ${newer}`]) {
      const next = await post('refresh', { headers: { ...https, cookie } });
      expect(next.status).toBe(200);
      expect(cookieOf(next)).toBe(cookieOf(await post('refresh', { headers: { ...https, cookie: refreshed } })));
    }
  });

  it('has the name that REFRESH_COOKIE_NAME sets', async () => {
    await start({ REFRESH_COOKIE_NAME: 'shop.refresh' });
    const first = await login(https);
    expect(cookieOf(first)).toMatch(/^__Host-shop\.refresh=[\w-]{92}$/);
    expect(cookieOf(await login(http))).toMatch(/^shop\.refresh=/);
    const ofAnotherService = cookieOf(first).replace('shop.refresh', 'refresh_token');
    expect((await post('refresh', { headers: { ...https, cookie: ofAnotherService } })).status).toBe(401);
    const next = await post('refresh', { headers: { ...https, cookie: `${ofAnotherService}; ${cookieOf(first)}` } });
    expect(next.status).toBe(200);
  });

  it('is replaced on each refresh', async () => {
    await start();
    const first = await login(https);
    const next = await post('refresh', { headers: { ...https, cookie: cookieOf(first) } });
    expect([next.status, Object.keys(next.body)]).toEqual([200, ['access_token', 'token_type', 'expires_in']]);
    expect(cookieOf(next)).toMatch(/^__Host-refresh_token=[\w-]{92}$/);
    expect(cookieOf(next)).not.toBe(cookieOf(first));
    const again = await post('refresh', { headers: { ...https, cookie: `a=b; ${cookieOf(next)}; c=d` } });
    expect([again.status, await statusOfMe(again.body.access_token)]).toEqual([200, 200]);
  });

  it('is cleared by a logout without an access token', async () => {
    await start();
    const first = await login(https);
    const out = await post('logout', { headers: { ...https, cookie: cookieOf(first) } });
    expect([out.status, cookieOf(out)]).toEqual([204, '__Host-refresh_token=']);
    expect(setCookie(out)).toContain('Max-Age=0; Path=/; HttpOnly; Secure');
    expect(await statusOfMe(first.body.access_token)).toBe(401);
  });

  it('is not cleared by a failed refresh, since it may belong to a newer sign-in', async () => {
    await start();
    const headers = { ...https, cookie: `__Host-refresh_token=${'A'.repeat(92)}` };
    const answer = await post('refresh', { headers });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([401, undefined]);
  });

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a site with the same prefix', { origin: `${ORIGIN}.evil.example` }],
    ['a sandboxed frame', { origin: 'null' }],
    ['no origin', { origin: undefined }],
  ])('is refused from %s', async (_, change) => {
    await start();
    const cookie = cookieOf(await login(https));
    const sent = Object.entries({ ...https, cookie, ...change }).filter(([, value]) => value !== undefined);
    const headers = Object.fromEntries(sent) as Record<string, string>;
    for (const path of ['refresh', 'logout', 'login-json']) {
      const answer = await post(path, { headers, body: { username: 'a', password: 'b' } });
      expect([answer.status, answer.body.detail]).toEqual([403, 'Origin not allowed']);
    }
    expect((await post('refresh', { headers: { ...https, cookie } })).status).toBe(200);
  });

  it('is ignored without the header, which forms and links cannot send', async () => {
    await start();
    const cookie = cookieOf(await login(https));
    const headers = { 'x-forwarded-proto': 'https', origin: ORIGIN, cookie };
    expect((await post('refresh', { headers })).status).toBe(422);
    expect((await post('logout', { headers })).status).toBe(401);
    expect((await post('refresh', { headers: { ...https, cookie } })).status).toBe(200);
  });

  it('is not read from the body with the header', async () => {
    await start();
    const plain = await login({});
    const { refresh_token } = plain.body;
    const answer = await post('refresh', { headers: https, body: { refresh_token } });
    expect([answer.status, plain.headers['set-cookie']]).toEqual([401, undefined]);
  });

  it('is refused if it is sent twice on plain HTTP, where another host can have set one', async () => {
    await start();
    const [own, another] = [cookieOf(await login(http)), cookieOf(await login(http))];
    for (const cookie of [`${another}; ${own}`, `refresh_token=planted; ${own}`]) {
      expect((await post('refresh', { headers: { ...http, cookie } })).status).toBe(401);
    }
  });

  it('is accepted next to another value over HTTPS, where the prefix prevents other hosts from setting one', async () => {
    await start();
    const cookie = cookieOf(await login(https));
    const headers = { ...https, cookie: `__Host-refresh_token=of-a-former-key; ${cookie}` };
    expect((await post('refresh', { headers })).status).toBe(200);
  });

  it('identifies the sessions that a logout ends, together with the access token', async () => {
    await start({ REFRESH_COOKIE: 'none' });
    const [first, second, third] = [await login(https), await login(https), await login(https)];
    const token = third.body.access_token ?? '';
    const headers = { ...https, cookie: `${cookieOf(first)}; ${cookieOf(second)}`, authorization: `Bearer ${token}` };
    expect((await post('logout', { headers })).status).toBe(204);
    for (const { body } of [first, second, third]) expect(await statusOfMe(body.access_token)).toBe(401);
  });

  it('is accepted from the origin of PUBLIC_URL', async () => {
    await start({ CORS_ORIGINS: '[]', PUBLIC_URL: 'https://auth.example.com/base' });
    expect((await login({ ...https, origin: 'https://auth.example.com' })).status).toBe(200);
    expect((await login({ ...https, origin: 'http://auth.example.com' })).status).toBe(403);
  });

  it.each(['cookies', 'header', '', 'cookie, cookie'])(
    'is not set for the invalid mode %j, which is refused with 422',
    async (mode) => {
      await start();
      const { refresh_token } = (await login({})).body;
      const error = { type: 'literal_error', loc: ['header', 'x-auth-mode'], msg: "Input should be 'cookie'" };
      for (const [path, body] of [
        ['login-json', { username: 'a', password: 'b' }],
        ['refresh', { refresh_token }],
        ['logout', { refresh_token }],
      ] as const) {
        const answer = await post(path, { headers: { ...https, 'x-auth-mode': mode }, body });
        expect([answer.status, answer.body.detail]).toEqual([
          422,
          [{ ...error, input: mode, ctx: { expected: "'cookie'" } }],
        ]);
      }
      expect((await post('refresh', { body: { refresh_token } })).status).toBe(200);
    },
  );

  it.each(['login', 'login-json'])('is refused by POST %s for an invalid mode or origin', async (path) => {
    await start();
    const account = await register(app.url);
    const fields = { username: account.username, password: account.password };
    const body = path === 'login' ? new URLSearchParams(fields) : fields;
    const refused = [
      [{ ...https, 'x-auth-mode': 'cookies' }, 422],
      [{ ...https, origin: 'https://evil.example.com' }, 403],
    ] as const;
    for (const [headers, status] of refused) {
      const answer = await post(path, { headers, body });
      expect([answer.status, setCookie(answer)]).toEqual([status, '']);
    }
    expect(await app.sql('SELECT FROM sessions WHERE user_id = $1', [account.id])).toEqual([]);
  });

  it('requires a listed origin when CORS_ORIGINS is *', async () => {
    await start({ CORS_ORIGINS: '["*"]' });
    expect((await login(https)).status).toBe(403);
  });

  it('is refused when REFRESH_COOKIE is off', async () => {
    await start({ REFRESH_COOKIE: 'off' });
    const answer = await login(https);
    expect([answer.status, answer.body.detail]).toEqual([400, 'Refresh token cookies are disabled']);
    expect((await login({ origin: ORIGIN })).body.refresh_token).toBeDefined();
  });

  it('has its header allowed in a preflight', async () => {
    await start();
    const headers = {
      origin: ORIGIN,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-auth-mode,content-type',
    };
    const answer = await post('refresh', { method: 'OPTIONS', headers });
    expect(answer.headers).toMatchObject({
      'access-control-allow-headers': 'x-auth-mode,content-type',
      'access-control-allow-credentials': 'true',
    });
  });
});
