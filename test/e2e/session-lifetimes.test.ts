import { SessionPurge } from '../../src/auth/sessions/session-purge.js';
import { register, session, type Tokens } from '../support/accounts.js';
import { forge } from '../support/forged-tokens.js';
import { type Received, send } from '../support/http-client.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';

describe('session lifetimes', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { SESSION_IDLE_DAYS: '7', SESSION_MAX_DAYS: '90' } });
  });
  afterAll(() => app.stop());

  const statusOfMe = async (token: string) => (await send(app.url, '/api/v1/users/me', { token })).status;
  const refresh = async (refresh_token: string): Promise<Received<Tokens>> =>
    send(app.url, '/api/v1/auth/refresh', { body: { refresh_token } });
  const signedIn = async () => {
    const account = await register(app.url);
    return { ...account, ...(await session(app.url, account)) };
  };
  const change = async ({ access_token }: Tokens, columns: string) =>
    app.sql(`UPDATE sessions SET ${columns} WHERE id = $1`, [sessionOf(access_token)]);
  /** Moves all times of a session into the past. */
  const age = async (tokens: Tokens, time: string) => {
    const columns = ['created_at', 'last_used_at', 'idle_expires_at', 'expires_at', 'rotated_at', 'ended_at'];
    await change(tokens, columns.map((column) => `${column} = ${column} - interval '${time}'`).join(', '));
  };

  it('end after SESSION_IDLE_DAYS without a refresh, also for access tokens', async () => {
    const tokens = await signedIn();
    await age(tokens, '6 days 23 hours');
    expect(await statusOfMe(tokens.access_token)).toBe(200);
    await age(tokens, '1 hour');
    expect([await statusOfMe(tokens.access_token), (await refresh(tokens.refresh_token)).status]).toEqual([401, 401]);
  });

  it('are extended by each refresh up to SESSION_MAX_DAYS after the sign-in', async () => {
    let tokens: Tokens = await signedIn();
    for (let week = 0; week < 14; week += 1) {
      await age(tokens, '6 days');
      tokens = (await refresh(tokens.refresh_token)).body;
    }
    await age(tokens, '6 days');
    expect([await statusOfMe(tokens.access_token), (await refresh(tokens.refresh_token)).status]).toEqual([401, 401]);
  });

  it.each([
    ['SESSION_IDLE_DAYS', "last_used_at = now() - interval '8 days'"],
    ['SESSION_MAX_DAYS', "created_at = now() - interval '91 days'"],
  ])('apply on the next refresh after %s is lowered', async (_, columns) => {
    const tokens = await signedIn();
    const parent = await signedIn();
    const { body: child } = await refresh(parent.refresh_token);
    for (const each of [tokens, parent]) await change(each, columns);
    const statuses = [tokens, parent, child].map(async ({ refresh_token }) => (await refresh(refresh_token)).status);
    expect(await Promise.all(statuses)).toEqual([401, 401, 401]);
  });

  it('do not revive a revoked session when the clock is set back', async () => {
    const mine = await signedIn();
    const lost = await session(app.url, mine);
    await age(lost, '8 days');
    const sessions = '/api/v1/users/me/sessions';
    expect((await send(app.url, sessions, { method: 'DELETE', token: mine.access_token })).status).toBe(204);
    await age(lost, '-8 days');
    expect(await statusOfMe(lost.access_token)).toBe(401);
  });

  it.each([
    ['of another user', async () => sessionOf((await signedIn()).access_token)],
    ['that does not exist', async () => '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88'],
    ['that is invalid', async () => "x' OR true"],
    ['that is null', async () => null],
  ])('refuse a token with a session %s', async (_, sessionId) => {
    const { access_token } = await signedIn();
    expect(await statusOfMe(forge(access_token, { claims: { sid: await sessionId() } }))).toBe(401);
  });

  describe('sessions.purge', () => {
    const purge = async (rowsAStep?: number, signal = new AbortController().signal) =>
      app.nest.get(SessionPurge).purge(signal, rowsAStep);
    const isThere = async ({ access_token }: Tokens) =>
      (await app.sql('SELECT FROM sessions WHERE id = $1', [sessionOf(access_token)])).length === 1;

    beforeEach(() => app.sql('DELETE FROM sessions'));

    it('deletes only sessions that ended more than 30 days ago', async () => {
      const [live, idle, idleLong, ended, endedLong, out] = [
        await signedIn(),
        await signedIn(),
        await signedIn(),
        await signedIn(),
        await signedIn(),
        await signedIn(),
      ];
      await age(idle, '36 days');
      await age(idleLong, '38 days');
      await change(ended, "ended_at = now() - interval '29 days'");
      await change(endedLong, "ended_at = now() - interval '31 days'");
      await change(out, "expires_at = now() - interval '31 days'");
      expect(await purge()).toBe(3);
      const left = await Promise.all([live, idle, idleLong, ended, endedLong, out].map(isThere));
      expect(left).toEqual([true, true, false, true, false, false]);
      expect(await purge()).toBe(0);
    });

    it('deletes in batches and stops when it is aborted', async () => {
      const account = await register(app.url);
      for (let count = 0; count < 7; count += 1) await session(app.url, account);
      await app.sql("UPDATE sessions SET ended_at = now() - interval '31 days'");
      const stopped = new AbortController();
      stopped.abort();
      expect(await purge(2, stopped.signal)).toBe(0);
      expect(await purge(2)).toBe(7);
    });
  });
});
