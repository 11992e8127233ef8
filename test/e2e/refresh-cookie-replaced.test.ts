import { type Account, register } from '../support/accounts.js';
import { type Received, send, type Sent } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const ORIGIN = 'https://app.example.com';
const AUTH = '/api/v1/auth';

interface Answer {
  access_token?: string;
}

describe('a sign-in that overwrites a refresh cookie', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { CORS_ORIGINS: `["${ORIGIN}"]`, TRUST_PROXY: '1' } });
  });
  afterAll(() => app.stop());

  const https = { 'x-auth-mode': 'cookie', origin: ORIGIN, 'x-forwarded-proto': 'https' };
  const post = async (path: string, request: Sent): Promise<Received<Answer>> =>
    send(app.url, `${AUTH}/${path}`, { method: 'POST', ...request });
  const cookieOf = ({ headers }: Received<Answer>) => headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const statusOfMe = async (token = '') => (await send(app.url, '/api/v1/users/me', { token })).status;

  describe.each(['login', 'login-json'])('by POST %s', (path) => {
    const signInAs = async ({ username, password }: Account, headers: Record<string, string>) => {
      const fields = { username, password };
      return post(path, { headers, body: path === 'login' ? new URLSearchParams(fields) : fields });
    };
    const endsOf = async ({ id }: Account) =>
      app.sql<{ actor_id: number; data: object }>(
        "SELECT actor_id, data FROM audit_events WHERE subject_id = $1 AND action = 'session.ended' ORDER BY id",
        [id],
      );
    const replaced = { reason: 'replaced', sessions: 1 };

    it('ends the session of the cookie that it replaces', async () => {
      const account = await register(app.url);
      const first = await signInAs(account, https);
      const second = await signInAs(account, { ...https, cookie: cookieOf(first) });
      expect([await statusOfMe(first.body.access_token), await statusOfMe(second.body.access_token)]).toEqual([
        401, 200,
      ]);
      expect((await post('refresh', { headers: { ...https, cookie: cookieOf(first) } })).status).toBe(401);
      const row = await app.sql('SELECT end_reason FROM sessions WHERE user_id = $1 AND ended_at IS NOT NULL', [
        account.id,
      ]);
      expect(row).toEqual([{ end_reason: 'replaced' }]);
      expect(await endsOf(account)).toEqual([{ actor_id: account.id, data: replaced }]);
    });

    it('ends it even if it belongs to another account or the cookie is older than the last refresh', async () => {
      const [theirs, mine] = [await register(app.url), await register(app.url)];
      const first = await signInAs(theirs, https);
      const other = await signInAs(theirs, https);
      const next = await post('refresh', { headers: { ...https, cookie: cookieOf(first) } });
      await signInAs(mine, { ...https, cookie: cookieOf(first) });
      expect([await statusOfMe(next.body.access_token), await statusOfMe(other.body.access_token)]).toEqual([401, 200]);
      expect([await endsOf(theirs), await endsOf(mine)]).toEqual([[{ actor_id: mine.id, data: replaced }], []]);
    });

    it('ends the sessions of both a partitioned and an unpartitioned cookie', async () => {
      const account = await register(app.url);
      const [first, second] = [await signInAs(account, https), await signInAs(account, https)];
      const cookie = `${cookieOf(first)}; ${cookieOf(second)}`;
      const third = await signInAs(account, { ...https, cookie });
      const statuses = [first, second, third].map(async ({ body }) => statusOfMe(body.access_token));
      expect(await Promise.all(statuses)).toEqual([401, 401, 200]);
    });

    it.each<[string, (cookie: string) => Record<string, string>]>([
      ['does not request a cookie', (cookie) => ({ 'x-forwarded-proto': 'https', origin: ORIGIN, cookie })],
      ['has a cookie with another tag', (cookie) => ({ ...https, cookie: `${cookie.slice(0, -2)}AA` })],
      [
        'has the cookie under the name for plain HTTP',
        (cookie) => ({ ...https, cookie: cookie.replace('__Host-', '') }),
      ],
      ['has no cookie', () => https],
    ])('ends nothing when the request %s', async (_, headersWith) => {
      const account = await register(app.url);
      const first = await signInAs(account, https);
      expect((await signInAs(account, headersWith(cookieOf(first)))).status).toBe(200);
      expect([await statusOfMe(first.body.access_token), await endsOf(account)]).toEqual([200, []]);
    });

    it('ends nothing when the password is wrong', async () => {
      const account = await register(app.url);
      const first = await signInAs(account, https);
      const headers = { ...https, cookie: cookieOf(first) };
      expect((await signInAs({ ...account, password: 'not the password' }, headers)).status).toBe(401);
      expect(await statusOfMe(first.body.access_token)).toBe(200);
    });
  });
});
