import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { sendRaw } from '../support/raw-http.js';
import { TestApp } from '../support/test-app.js';

/** Spellings of /api/v1/users/me that some server or proxy accepts as the same path. */
const SPELLINGS = [
  '/API/v1/users/me',
  '/api/V1/Users/Me',
  '/api/v1/users/ME',
  '//api/v1/users/me',
  '/api//v1/users/me',
  '/api/v1/users//me',
  '///api///v1///users///me',
  '/api/v1/users/me;',
  '/api/v1/users/me;x',
  '/api/v1/users/me;x=1',
  '/api/v1/users;x/me',
  '/api/v1/users/me.json',
  '/api/v1/users/me.',
  '/api/v1/users/me,',
  '/api/v1/users/%6de',
  '/api/v1/users/%6D%65',
  '/%61pi/v1/users/me',
  '/api/v1/users%2fme',
  '/api/v1/users%2Fme',
  '/api%2Fv1%2Fusers%2Fme',
  '/%2Fapi/v1/users/me',
  '/api/v1/users%252fme',
  '/api/v1/./users/me',
  '/api/v1/users/./me',
  '/api/v1/users/me/.',
  '/api/v1/users/me/..',
  '/api/v1/x/../users/me',
  '/docs/../api/v1/users/me',
  '/docs/..%2fapi/v1/users/me',
  '/docs/%2e%2e/api/v1/users/me',
  '/docs/..;/api/v1/users/me',
  '/health/../api/v1/users/me',
  '/api/v1/users/%2e/me',
  '/api/v1/users/me/',
  '/api/v1/users/me//',
  '/api/v1/users/me%2f',
  '/api/v1/users/me/%2f',
  '\\api\\v1\\users\\me',
  '/api/v1/users\\me',
  '/api/v1/users%5cme',
  '/api/v1\\..\\v1/users/me',
  '/api/v1/users/me%00',
  '/api/v1/users/me%00.css',
  '/%00/api/v1/users/me',
  '/api/v1/users/me%0a',
  '/api/v1/users/me%0d%0a',
  '/api/v1/users/me%20',
  '/api/v1/users/me%09',
  '/api/v1/users/me%23',
  '/api/v1/users/me%3f',
  '/api/v1/users/me?',
  '/api/v1/users/me?/../../../health',
  '/api/v1/users/me#',
  '/health#/../api/v1/users/me',
  '/api/v1/users/m%EF%BD%85',
  '/api/v1/users/m%C4%99',
  '/%EF%BC%8Fapi/v1/users/me',
  '/api/v1/users%E2%88%95me',
  '/api/v1/users/%E2%80%8Bme',
  '/api/v1/users/me%E2%80%8B',
  '/api/v1/u%C5%BFers/me',
  '/api/v1/users/me%c0%80',
  '/api/v2/users/me',
  '/api/users/me',
  '/v1/users/me',
  '/users/me',
  'http://x/api/v1/users/me',
  'http:///api/v1/users/me',
];

/** The spellings that are the same path, percent-encoded (RFC 3986 section 6.2.2.2) or with a query. */
const SAME_PATH = new Set([
  '/api/v1/users/%6de',
  '/api/v1/users/%6D%65',
  '/%61pi/v1/users/me',
  '/api/v1/users/me?',
  '/api/v1/users/me?/../../../health',
  'http://x/api/v1/users/me',
]);

const OVERRIDES = [
  'X-HTTP-Method-Override',
  'X-HTTP-Method',
  'X-Method-Override',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Original-Method',
  'X-Forwarded-Path',
  'X-Forwarded-Prefix',
];

describe('the path of a guarded route', () => {
  let app: TestApp;
  let token: string;

  beforeAll(async () => {
    app = await TestApp.start();
    ({ token } = await signedIn(app.url));
  });
  afterAll(() => app.stop());

  const ask = async (method: string, target: string, headers = '') =>
    sendRaw(app.url, `${method} ${target} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);

  it.each(SPELLINGS)('cannot be reached without a token by the spelling %s', async (target) => {
    const answer = await ask('GET', target);
    expect(SAME_PATH.has(target) ? [401] : [307, 400, 404]).toContain(answer.status);
    if (answer.status !== 307) return;
    // The target of the redirect requires a token.
    expect(answer.headers.location).toBe('/api/v1/users/me');
    expect(answer.text).toBe('');
  });

  it.each(SPELLINGS)('leads to the same route or none with and without a token in the spelling %s', async (target) => {
    const [without, withToken] = await Promise.all([
      ask('GET', target),
      ask('GET', target, `Authorization: Bearer ${token}\r\n`),
    ]);
    expect(withToken.status).toBe(without.status === 401 ? 200 : without.status);
  });

  it.each(OVERRIDES)('is not changed by %s, and neither is the method', async (name) => {
    expect((await ask('GET', '/health', `${name}: /api/v1/users/me\r\n`)).text).toContain('"status"');
    expect((await ask('GET', '/api/v1/users/me', `${name}: /health\r\n`)).status).toBe(401);
    expect((await ask('POST', '/api/v1/users/me', `${name}: GET\r\nContent-Length: 0\r\n`)).status).toBe(405);
    expect((await ask('GET', '/api/v1/auth/register', `${name}: POST\r\n`)).status).toBe(405);
    expect((await ask('GET', '/api/v1/users/me', `${name}: HEAD\r\n`)).status).toBe(401);
  });

  it('is not affected by a method in the query or in a form', async () => {
    expect((await send(app.url, '/api/v1/auth/register?_method=POST')).status).toBe(405);
    const form = new URLSearchParams({ _method: 'GET' });
    const answer = await send(app.url, '/api/v1/users/me?_method=GET', { body: form, token });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, PATCH, DELETE' } });
  });

  it('is matched in linear time when it has many slashes', async () => {
    // An expression such as /\/+$/ takes a quarter of a second for each of these and blocks other requests.
    const target = `${'/'.repeat(15_900)}x`;
    for (let times = 0; times < 400; times += 1) expect((await ask('GET', target)).status).toBe(404);
  }, 40_000);
});
