import { DataSource } from 'typeorm';
import { RefreshService } from '../../src/auth/sessions/refresh.service.js';
import { register, session, type Tokens } from '../support/accounts.js';
import { callerFrom } from '../support/callers.js';
import { type Received, send } from '../support/http-client.js';
import { sessionOf, whileHeld } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const REFRESH = '/api/v1/auth/refresh';
const ROUNDS = 50;

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

describe('concurrent refreshes', () => {
  let app: TestApp;

  afterEach(() => app.stop());

  const refresh = async (refresh_token: string): Promise<Received<Tokens>> =>
    send(app.url, REFRESH, { body: { refresh_token } });
  const signedIn = async () => session(app.url, await register(app.url));
  const rowOf = async ({ access_token }: Tokens) => {
    const columns = 'generation, confirmed_generation, ended_at IS NULL AS live, end_reason';
    const sql = `SELECT ${columns} FROM sessions WHERE id = $1`;
    return (
      await app.sql<{ generation: number; confirmed_generation: number; live: boolean }>(sql, [sessionOf(access_token)])
    )[0];
  };
  const statusOfMe = async (token: string) => (await send(app.url, '/api/v1/users/me', { token })).status;

  it.each([20, 100])('return one successor for %i requests with the same token', async (count) => {
    app = await TestApp.start();
    const first = await signedIn();
    const answers = await times(count, async () => refresh(first.refresh_token));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const children = new Set(answers.map(({ body }) => body.refresh_token));
    expect(children.size).toBe(1);
    expect(await rowOf(first)).toMatchObject({ generation: 1, live: true });
    const [child = ''] = children;
    expect((await refresh(child)).status).toBe(200);
    expect(await statusOfMe(answers.at(-1)?.body.access_token ?? '')).toBe(200);
  });

  it('return one successor until it is used, without a grace period', async () => {
    app = await TestApp.start({ settings: { REFRESH_GRACE_SECONDS: '0' } });
    const first = await signedIn();
    const answers = await times(20, async () => refresh(first.refresh_token));
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
    expect(await statusOfMe(answers[0]?.body.access_token ?? '')).toBe(200);
    await until(async () => (await rowOf(first))?.confirmed_generation === 1);
    const late = await times(20, async () => refresh(first.refresh_token));
    expect(new Set(late.map(({ status }) => status))).toEqual(new Set([401]));
    expect(await rowOf(first)).toMatchObject({ generation: 1, live: false, end_reason: 'reuse' });
    const events = await app.sql("SELECT FROM audit_events WHERE action = 'session.reuse_detected'");
    expect(events).toHaveLength(1);
  });

  it('leave no usable token after a concurrent logout', async () => {
    app = await TestApp.start();
    const account = await register(app.url);
    for (let round = 0; round < ROUNDS; round += 1) {
      const first = await session(app.url, account);
      const [out, ...answers] = await Promise.all([
        send(app.url, '/api/v1/auth/logout', { method: 'POST', token: first.access_token }),
        ...Array.from({ length: 3 }, async () => refresh(first.refresh_token)),
      ]);
      expect(out.status).toBe(204);
      const given = answers.filter(({ status }) => status === 200).map(({ body }) => body);
      expect(answers.every(({ status }) => status === 200 || status === 401)).toBe(true);
      for (const { access_token } of [first, ...given]) expect(await statusOfMe(access_token)).toBe(401);
      for (const { refresh_token } of [first, ...given]) expect((await refresh(refresh_token)).status).toBe(401);
      expect(await rowOf(first)).toMatchObject({ live: false, end_reason: 'logout' });
    }
  });

  it('read the session again after they have waited for its row', async () => {
    app = await TestApp.start();
    const first = await signedIn();
    const refreshes = app.nest.get(RefreshService);
    const touch = 'UPDATE sessions SET address = address WHERE id = $1';
    const both = await whileHeld(app.nest.get(DataSource), [touch, [sessionOf(first.access_token)]], async () =>
      times(2, async () => refreshes.refresh(first.refresh_token, callerFrom('192.0.2.1'))),
    );
    expect(both[0]?.refreshToken).toBe(both[1]?.refreshToken);
    expect(await rowOf(first)).toMatchObject({ generation: 1, live: true });
  });
});
