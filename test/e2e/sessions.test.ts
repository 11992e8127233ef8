import { register, session, type Tokens } from '../support/accounts.js';
import { type Received, send, type Sent } from '../support/http-client.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';

const SESSIONS = '/api/v1/users/me/sessions';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';

interface Item {
  id: string;
  device: string;
  user_agent: string | null;
  address: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  current: boolean;
}

interface List {
  items: Item[];
  next_cursor: string | null;
  total?: number;
}

describe('/api/v1/users/me/sessions', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const ask = async (token: string, path = '', request: Sent = {}): Promise<Received<List>> =>
    send(app.url, `${SESSIONS}${path}`, { token, ...request });
  const end = async (token: string, id = '') => (await ask(token, id && `/${id}`, { method: 'DELETE' })).status;
  const statusOfMe = async (token: string) => (await send(app.url, '/api/v1/users/me', { token })).status;
  const refresh = async (refresh_token: string): Promise<Received<Tokens>> =>
    send(app.url, '/api/v1/auth/refresh', { body: { refresh_token } });
  const idsOf = ({ body }: Received<List>) => body.items.map(({ id }) => id);
  const daysUntil = (time: string | undefined) => Math.round((Date.parse(time ?? '') - Date.now()) / 86_400_000);

  describe('GET', () => {
    it('lists the live sessions of the account, newest first, and marks the current one', async () => {
      const account = await register(app.url);
      const first = await session(app.url, account);
      const second = await session(app.url, account, { 'user-agent': FIREFOX });
      const { body } = await ask(second.access_token);
      expect(body.next_cursor).toBeNull();
      expect(body.items).toEqual([
        {
          id: sessionOf(second.access_token),
          device: 'Firefox on Linux',
          user_agent: FIREFOX,
          address: expect.stringContaining('127.0.0.1'),
          created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
          last_used_at: body.items[0]?.created_at,
          expires_at: expect.stringMatching(/Z$/),
          current: true,
        },
        expect.objectContaining({
          id: sessionOf(first.access_token),
          device: 'Unknown device',
          user_agent: null,
          current: false,
        }),
      ]);
      expect(daysUntil(body.items[0]?.expires_at)).toBe(30);
    });

    it('shows the end of a session that a refresh cannot extend', async () => {
      const { access_token } = await session(app.url, await register(app.url));
      await app.sql("UPDATE sessions SET expires_at = now() + interval '2 days' WHERE id = $1", [
        sessionOf(access_token),
      ]);
      expect(daysUntil((await ask(access_token)).body.items[0]?.expires_at)).toBe(2);
    });

    it('shows the address and time of the last refresh', async () => {
      const { access_token, refresh_token } = await session(app.url, await register(app.url), {
        'user-agent': FIREFOX,
      });
      const before = (await ask(access_token)).body.items[0];
      await send(app.url, '/api/v1/auth/refresh', {
        body: { refresh_token },
        headers: { 'user-agent': 'curl/8.1' },
        from: '127.0.9.9',
      });
      const after = (await ask(access_token)).body.items[0];
      expect(after).toMatchObject({ user_agent: 'curl/8.1', address: expect.stringContaining('127.0.9.9') });
      expect(after?.device).toBe('Firefox on Linux');
      expect(Date.parse(after?.last_used_at ?? '')).toBeGreaterThan(Date.parse(before?.last_used_at ?? ''));
    });

    it('does not list ended sessions or those of other accounts', async () => {
      const account = await register(app.url);
      const { access_token } = await session(app.url, account);
      for (const change of [
        'ended_at = now()',
        "idle_expires_at = now() - interval '1 second'",
        'expires_at = now()',
      ]) {
        const over = sessionOf((await session(app.url, account)).access_token);
        await app.sql(`UPDATE sessions SET ${change} WHERE id = $1`, [over]);
      }
      await session(app.url, await register(app.url));
      const list = await ask(access_token, '?include_total=true');
      expect([idsOf(list), list.body.total]).toEqual([[sessionOf(access_token)], 1]);
    });

    it('is paginated', async () => {
      const account = await register(app.url);
      const all: Tokens[] = [];
      for (let count = 0; count < 3; count += 1) all.push(await session(app.url, account));
      const token = all[0]?.access_token ?? '';
      const first = await ask(token, '?limit=2&include_total=true');
      const second = await ask(token, `?limit=2&cursor=${first.body.next_cursor}`);
      expect([...idsOf(first), ...idsOf(second)]).toEqual(
        all.map(({ access_token }) => sessionOf(access_token)).toReversed(),
      );
      expect([first.body.total, second.body.next_cursor]).toEqual([3, null]);
    });
  });

  describe('DELETE /{session_id}', () => {
    it('ends the session for its next request and refresh', async () => {
      const account = await register(app.url);
      const mine = await session(app.url, account);
      const lost = await session(app.url, account);
      expect(await statusOfMe(lost.access_token)).toBe(200);
      expect(await end(mine.access_token, sessionOf(lost.access_token))).toBe(204);
      expect([await statusOfMe(lost.access_token), (await refresh(lost.refresh_token)).status]).toEqual([401, 401]);
      expect([await statusOfMe(mine.access_token), (await refresh(mine.refresh_token)).status]).toEqual([200, 200]);
    });

    it('responds with 404 for a session of another account, an unknown or ended one and an invalid id', async () => {
      const account = await register(app.url);
      const { access_token } = await session(app.url, account);
      const theirs = await session(app.url, await register(app.url));
      const over = await session(app.url, account);
      await end(over.access_token, sessionOf(over.access_token));
      const ids = [
        sessionOf(theirs.access_token),
        '019ab3c2-7f10-7c1e-9d2a-5b1f0a6c4e88',
        sessionOf(over.access_token),
        'x',
      ];
      for (const id of ids) {
        const answer = await ask(access_token, `/${id}`, { method: 'DELETE' });
        expect([answer.status, answer.text]).toEqual([404, '{"detail":"Session not found"}']);
      }
      expect(await statusOfMe(theirs.access_token)).toBe(200);
    });

    it('does not end all other sessions when the id is empty', async () => {
      const account = await register(app.url);
      const [mine, other] = [await session(app.url, account), await session(app.url, account)];
      expect((await ask(mine.access_token, '/', { method: 'DELETE' })).status).toBe(404);
      expect(await statusOfMe(other.access_token)).toBe(200);
    });

    it('can end the current session', async () => {
      const { access_token } = await session(app.url, await register(app.url));
      expect(await end(access_token, sessionOf(access_token))).toBe(204);
      expect(await statusOfMe(access_token)).toBe(401);
    });
  });

  describe('DELETE', () => {
    it('ends all other sessions of the account', async () => {
      const account = await register(app.url);
      const [mine, ...others] = [
        await session(app.url, account),
        await session(app.url, account),
        await session(app.url, account),
      ];
      const theirs = await session(app.url, await register(app.url));
      const over = await session(app.url, account);
      await send(app.url, '/api/v1/auth/logout', { method: 'POST', token: over.access_token });
      // The second request has nothing to end or record.
      for (const _ of [1, 2]) expect(await end(mine?.access_token ?? '')).toBe(204);
      for (const { access_token } of others) expect(await statusOfMe(access_token)).toBe(401);
      expect([await statusOfMe(mine?.access_token ?? ''), await statusOfMe(theirs.access_token)]).toEqual([200, 200]);
      const ended = `SELECT data FROM audit_events WHERE subject_id = $1 AND action = 'session.ended' ORDER BY id`;
      expect(await app.sql(ended, [account.id])).toEqual([
        { data: { reason: 'logout', sessions: 1 } },
        { data: { reason: 'revoked', sessions: 2 } },
      ]);
    });
  });
});
