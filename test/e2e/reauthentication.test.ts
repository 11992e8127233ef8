import { type Account, PASSWORD, session, register, type Tokens, uniqueName } from '../support/accounts.js';
import { send, type Sent } from '../support/http-client.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';

const ME = '/api/v1/users/me';
const REAUTHENTICATE = '/api/v1/auth/reauthenticate';
const REQUIRED = [403, '{"detail":"Please confirm your password to continue."}'];

let app: TestApp;
let account: Account;
let tokens: Tokens;

beforeAll(async () => {
  app = await TestApp.start({ settings: { RATE_LIMIT: 'on', RECENT_SIGN_IN_MINUTES: '15' } });
});
afterAll(() => app.stop());
beforeEach(async () => {
  await app.sql('TRUNCATE rate_limits');
  account = await register(app.url);
  tokens = await session(app.url, account);
});

const request = async (method: string, path: string, body?: Sent['body'], token = tokens.access_token) =>
  send<{ code?: string; username?: string }>(app.url, path, { method, token, ...(body ? { body } : {}) });
const reauthenticate = async (password = PASSWORD) => request('POST', REAUTHENTICATE, { password });
const signedInAgo = async (time: string) =>
  app.sql(`UPDATE sessions SET authenticated_at = now() - $2::interval WHERE id = $1`, [
    sessionOf(tokens.access_token),
    time,
  ]);
const eventsOf = async (action: string) =>
  app.sql<{ session_id: string; actor_id: number }>(
    'SELECT session_id, actor_id FROM audit_events WHERE subject_id = $1 AND action = $2',
    [account.id, action],
  );
const exported = async () => request('GET', `${ME}/export`);
const renamed = async (username = uniqueName('renamed')) => request('PATCH', ME, { username });

describe('POST /api/v1/auth/reauthenticate', () => {
  it('renews the authentication of only the current session', async () => {
    const other = await session(app.url, account);
    await app.sql(`UPDATE sessions SET authenticated_at = now() - interval '1 day' WHERE user_id = $1`, [account.id]);
    const answer = await reauthenticate();
    expect([answer.status, answer.text]).toEqual([204, '']);
    const renewed = await app.sql<{ id: string }>(
      `SELECT id FROM sessions WHERE user_id = $1 AND authenticated_at > now() - interval '1 minute'`,
      [account.id],
    );
    expect(renewed).toEqual([{ id: sessionOf(tokens.access_token) }]);
    expect((await request('GET', `${ME}/export`, undefined, other.access_token)).status).toBe(403);
    expect(await eventsOf('session.reauthenticated')).toEqual([
      { session_id: sessionOf(tokens.access_token), actor_id: account.id },
    ]);
  });

  it('responds with 400 to five wrong passwords, then with 429', async () => {
    const statuses: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) statuses.push((await reauthenticate('not the password')).status);
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429]);
    const refused = await reauthenticate();
    expect([refused.status, refused.headers['ratelimit-limit']]).toEqual([429, '5']);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    expect(await eventsOf('password.refused')).toHaveLength(5);
    // Only the session is limited, so the account can still sign in.
    await session(app.url, account);
  });

  it('shares its budget with other password confirmations', async () => {
    for (let tries = 0; tries < 5; tries += 1) {
      expect((await request('DELETE', ME, { password: 'wrong' })).status).toBe(400);
    }
    expect((await reauthenticate()).status).toBe(429);
  });

  it('requires a token and a password', async () => {
    expect((await send(app.url, REAUTHENTICATE, { body: { password: PASSWORD } })).status).toBe(401);
    expect((await request('POST', REAUTHENTICATE, {})).status).toBe(422);
    await request('POST', '/api/v1/auth/logout');
    expect((await reauthenticate()).status).toBe(401);
  });
});

describe('a route that requires a recent sign-in', () => {
  it.each([
    ['an export', exported],
    ['a username change', async () => renamed()],
  ])('refuses %s with 403 after RECENT_SIGN_IN_MINUTES, until the password is confirmed', async (_what, ask) => {
    await signedInAgo('14 minutes 50 seconds');
    expect((await ask()).status).toBe(200);
    await signedInAgo('15 minutes 5 seconds');
    const answer = await ask();
    expect([answer.status, answer.text]).toEqual(REQUIRED);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect((await reauthenticate()).status).toBe(204);
    expect((await ask()).status).toBe(200);
  });

  it('has its own code in problem details', async () => {
    await signedInAgo('1 hour');
    const answer = await send<{ code: string }>(app.url, `${ME}/export`, {
      token: tokens.access_token,
      headers: { accept: 'application/problem+json' },
    });
    expect(answer.body).toMatchObject({ status: 403, code: 'auth.reauthentication_required' });
  });

  it('decides by the clock of the database', async () => {
    await signedInAgo('15 minutes 5 seconds');
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 50_000);
    const answer = await exported();
    clock.mockRestore();
    expect(answer.status).toBe(403);
  });

  it('does not accept a refresh as a sign-in', async () => {
    await signedInAgo('1 hour');
    const { refresh_token } = tokens;
    const refreshed = await send<Tokens>(app.url, '/api/v1/auth/refresh', { body: { refresh_token } });
    tokens = refreshed.body;
    expect((await exported()).status).toBe(403);
  });

  it('refuses before it counts, without changing anything', async () => {
    await signedInAgo('1 hour');
    for (let tries = 0; tries < 12; tries += 1) expect((await renamed()).status).toBe(403);
    const [row] = await app.sql('SELECT username FROM users WHERE id = $1', [account.id]);
    expect(row).toEqual({ username: account.username });
    expect((await reauthenticate()).status).toBe(204);
    expect((await renamed()).status).toBe(200);
  });

  it('does not require it for a display name, the same username or a deletion with the password', async () => {
    await signedInAgo('100 days');
    expect((await request('PATCH', ME, { display_name: 'John', username: account.username })).status).toBe(200);
    expect((await request('GET', `${ME}/profile`)).status).toBe(200);
    expect((await request('DELETE', ME, { password: PASSWORD })).status).toBe(204);
  });
});
