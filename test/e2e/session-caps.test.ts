import { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
import { MAX_LIVE_SESSIONS } from '../../src/auth/sessions/sessions.service.js';
import { type Account, register, session } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';

const FIREFOX = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' };
const CURL = { 'user-agent': 'curl/8.14.1' };

describe('the number of sessions of an account', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());
  afterEach(() => jest.restoreAllMocks());

  const statusOfMe = async (token: string) => (await send(app.url, '/api/v1/users/me', { token })).status;
  const sessionsOf = async ({ id }: Account) =>
    app.sql<{ live: boolean; end_reason: string | null }>(
      'SELECT ended_at IS NULL AS live, end_reason FROM sessions WHERE user_id = $1 ORDER BY created_at',
      [id],
    );

  describe('beyond a hundred', () => {
    const openMany = async ({ access_token }: { access_token: string }) =>
      app.sql(
        `INSERT INTO sessions (id, user_id, idle_expires_at, expires_at, device_label, address, token_hash)
         SELECT gen_random_uuid(), user_id, idle_expires_at, expires_at, device_label, address, token_hash
         FROM sessions, generate_series(3, $2) WHERE id = $1`,
        [sessionOf(access_token), MAX_LIVE_SESSIONS],
      );
    const age = async ({ id }: Account, minutes: number) =>
      app.sql('UPDATE sessions SET last_used_at = last_used_at - make_interval(mins => $2) WHERE user_id = $1', [
        id,
        minutes,
      ]);

    it('ends the least recently used session', async () => {
      const account = await register(app.url);
      const oldest = await session(app.url, account);
      const second = await session(app.url, account);
      await openMany(oldest);
      await age(account, 31);
      // A refresh makes the oldest session the most recently used.
      const refreshed = await send(app.url, '/api/v1/auth/refresh', { body: { refresh_token: oldest.refresh_token } });
      expect(refreshed.status).toBe(200);
      const newest = await session(app.url, account);
      const rows = await sessionsOf(account);
      expect(rows.filter(({ live }) => live)).toHaveLength(MAX_LIVE_SESSIONS);
      expect(rows.filter(({ live }) => !live)).toEqual([{ live: false, end_reason: 'evicted' }]);
      const ended =
        "SELECT session_id, actor_id, data FROM audit_events WHERE subject_id = $1 AND action = 'session.ended'";
      expect(await app.sql(ended, [account.id])).toEqual([
        {
          session_id: null,
          actor_id: account.id,
          data: { reason: 'evicted', sessions: 1, session_ids: [sessionOf(second.access_token)] },
        },
      ]);
      const statuses = [oldest, second, newest].map(async ({ access_token }) => statusOfMe(access_token));
      expect(await Promise.all(statuses)).toEqual([200, 401, 200]);
    });

    it('ends a session of the same device before one of another', async () => {
      const account = await register(app.url);
      const browser = await session(app.url, account, FIREFOX);
      const script = await session(app.url, account, CURL);
      await openMany(script);
      await age(account, 31);
      const newest = await session(app.url, account, CURL);
      expect((await sessionsOf(account)).filter(({ live }) => !live)).toHaveLength(1);
      const statuses = [browser, newest].map(async ({ access_token }) => statusOfMe(access_token));
      expect(await Promise.all(statuses)).toEqual([200, 200]);
    });

    it('ends no session whose access token is still valid', async () => {
      const account = await register(app.url);
      const oldest = await session(app.url, account);
      await openMany(oldest);
      await age(account, 29);
      for (const _ of [1, 2, 3]) await session(app.url, account);
      expect(await statusOfMe(oldest.access_token)).toBe(200);
      expect((await sessionsOf(account)).filter(({ live }) => !live)).toEqual([]);
    });
  });

  describe('in the thousands', () => {
    const liveOf = async ({ id }: Account) => {
      const sql = 'SELECT id, last_used_at FROM sessions WHERE user_id = $1 AND ended_at IS NULL';
      return app.sql<{ id: string; last_used_at: Date }>(sql, [id]);
    };
    const fill = async (account: Account, sessions: number, age: string) => {
      const { access_token } = await session(app.url, account);
      await app.sql(
        `INSERT INTO sessions (id, user_id, last_used_at, idle_expires_at, expires_at, device_label, address, token_hash)
         SELECT gen_random_uuid(), user_id, now() - interval '${age}' - number * interval '1 millisecond', idle_expires_at,
                expires_at, device_label, address, token_hash
           FROM sessions, generate_series(2, $2) AS number WHERE id = $1`,
        [sessionOf(access_token), sessions],
      );
    };

    it('is reduced by one statement and recorded in one event that lists at most a thousand', async () => {
      const account = await register(app.url);
      await fill(account, 5000, '1 hour');
      const statements = jest.spyOn(PostgresQueryRunner.prototype, 'query');
      const { access_token: token } = await session(app.url, account);
      expect(statements.mock.calls.length).toBeLessThan(12);
      statements.mockRestore();
      const live = new Set((await liveOf(account)).map(({ id }) => id));
      expect(live.size).toBe(MAX_LIVE_SESSIONS);
      const events = await app.sql<{ data: { reason: string; sessions: number; session_ids: string[] } }>(
        "SELECT data FROM audit_events WHERE subject_id = $1 AND action = 'session.ended'",
        [account.id],
      );
      expect(events.map(({ data: { reason, sessions } }) => ({ reason, sessions }))).toEqual([
        { reason: 'evicted', sessions: 4901 },
      ]);
      const ids = events[0]?.data.session_ids ?? [];
      expect([new Set(ids).size, ids.filter((id) => live.has(id))]).toEqual([1000, []]);

      const activity = await send<{ items: { data: object }[] }>(app.url, '/api/v1/users/me/activity', { token });
      expect(activity.body.items.map(({ data }) => data)).toContainEqual(events[0]?.data);
      const exported = await send<{ activity: { data: object }[] }>(app.url, '/api/v1/users/me/export', { token });
      expect(exported.body.activity.map(({ data }) => data)).toContainEqual(events[0]?.data);
    });

    it('is capped at the thousand most recently used, even if all access tokens are valid', async () => {
      const account = await register(app.url);
      await fill(account, 1500, '1 minute');
      const before = (await liveOf(account)).toSorted((a, b) => b.last_used_at.getTime() - a.last_used_at.getTime());
      const newest = sessionOf((await session(app.url, account)).access_token);
      const expected = [newest, ...before.slice(0, 999).map(({ id }) => id)];
      expect(new Set((await liveOf(account)).map(({ id }) => id))).toEqual(new Set(expected));
    });

    it('is capped under concurrent sign-ins', async () => {
      const account = await register(app.url);
      await fill(account, 1000, '1 minute');
      await Promise.all(Array.from({ length: 20 }, async () => session(app.url, account)));
      expect(await liveOf(account)).toHaveLength(1000);
    });
  });
});
