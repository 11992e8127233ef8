import { register, session } from '../support/accounts.js';
import { forge } from '../support/forged-tokens.js';
import { send, type Sent } from '../support/http-client.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';

const LOGOUT = '/api/v1/auth/logout';

describe('POST /api/v1/auth/logout', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const logout = async (request: Sent = {}) => send(app.url, LOGOUT, { method: 'POST', ...request });
  const statusOfMe = async (token: string) => (await send(app.url, '/api/v1/users/me', { token })).status;
  const statusOfRefresh = async (refresh_token: string) =>
    (await send(app.url, '/api/v1/auth/refresh', { body: { refresh_token } })).status;
  const signedIn = async () => {
    const account = await register(app.url);
    return { ...account, ...(await session(app.url, account)) };
  };
  const expired = (accessToken: string) => {
    const now = Math.floor(Date.now() / 1000);
    return forge(accessToken, { claims: { iat: now - 7200, exp: now - 3600 } });
  };

  it('ends the session, after which both tokens are refused', async () => {
    const mine = await signedIn();
    const answer = await logout({ token: mine.access_token });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect([await statusOfMe(mine.access_token), await statusOfRefresh(mine.refresh_token)]).toEqual([401, 401]);
  });

  it('ends no other session', async () => {
    const mine = await signedIn();
    const other = await session(app.url, mine);
    await logout({ token: mine.access_token });
    expect([await statusOfMe(other.access_token), await statusOfRefresh(other.refresh_token)]).toEqual([200, 200]);
  });

  it('is recorded', async () => {
    const mine = await signedIn();
    await logout({ token: mine.access_token });
    const events = await app.sql<{ action: string; reason: string | null }>(
      "SELECT action, data->>'reason' AS reason FROM audit_events WHERE session_id = $1 ORDER BY occurred_at",
      [sessionOf(mine.access_token)],
    );
    expect(events).toEqual([
      { action: 'session.opened', reason: null },
      { action: 'session.ended', reason: 'logout' },
    ]);
  });

  it('accepts a refresh token without a valid access token', async () => {
    const mine = await signedIn();
    for (const token of [undefined, expired(mine.access_token)]) {
      const { refresh_token, access_token } = await session(app.url, mine);
      const answer = await logout({ body: { refresh_token }, ...(token ? { token } : {}) });
      expect([answer.status, await statusOfMe(access_token)]).toEqual([204, 401]);
    }
  });

  it('accepts a refresh token that was already used', async () => {
    const mine = await signedIn();
    const { body } = await send<{ access_token: string }>(app.url, '/api/v1/auth/refresh', {
      body: { refresh_token: mine.refresh_token },
    });
    expect((await logout({ body: { refresh_token: mine.refresh_token } })).status).toBe(204);
    expect(await statusOfMe(body.access_token)).toBe(401);
  });

  it.each([
    ['invalid', 'AAAA'],
    ['empty', ''],
    ['well-formed but unknown', 'A'.repeat(92)],
  ])('responds with 204 to a refresh token that is %s', async (_, refresh_token) => {
    expect((await logout({ body: { refresh_token } })).status).toBe(204);
  });

  it('responds with 204 to a refresh token of an ended session', async () => {
    const { refresh_token } = await signedIn();
    expect((await logout({ body: { refresh_token } })).status).toBe(204);
    expect((await logout({ body: { refresh_token } })).status).toBe(204);
  });

  it("does not revoke another user's refresh token next to the caller's access token", async () => {
    const mine = await signedIn();
    const theirs = await signedIn();
    const answer = await logout({ token: mine.access_token, body: { refresh_token: theirs.refresh_token } });
    expect([answer.status, await statusOfMe(mine.access_token)]).toEqual([204, 401]);
    expect(await statusOfRefresh(theirs.refresh_token)).toBe(200);
  });

  it('responds with 401 without valid tokens', async () => {
    const nothing = await logout();
    expect([nothing.status, nothing.text]).toEqual([401, '{"detail":"Not authenticated"}']);
    const wrong = await logout({ token: 'x' });
    expect([wrong.status, wrong.text]).toEqual([401, '{"detail":"Could not validate credentials"}']);
    expect(wrong.headers['www-authenticate']).toBe('Bearer');
    expect((await logout({ body: { refresh_token: null } })).status).toBe(401);
  });

  it('responds with 401 to an access token without a session', async () => {
    const mine = await signedIn();
    const token = forge(mine.access_token, { claims: { sid: undefined } });
    expect((await logout({ token })).status).toBe(401);
    expect(await statusOfMe(mine.access_token)).toBe(200);
  });
});
