/** @own-sources because it declares errors, permissions or limits */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PrincipalLoader } from '../../src/auth/sessions/principal-loader.js';
import { passwordAnswer } from '../../src/auth/sign-in/factors/password.factor.js';
import { Reauthentication } from '../../src/auth/sign-in/reauthentication.js';
import type { SignInResult } from '../../src/auth/sign-in/sign-in.flow.js';
import { type Account, PASSWORD, register, session, signIn } from '../support/accounts.js';
import { callerFrom } from '../support/callers.js';
import { CODE, CodeFactor, CodeFactorModule } from '../support/code-factor.module.js';
import { type Received, send } from '../support/http-client.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';

const PROBE = '/api/v1/probe/sign-in';
const REFUSED = { status: 401, body: { detail: 'Incorrect username or password' } };

type Answer = Received<Partial<{ session: { sessionId: string }; challenge: { attemptToken: string } }>>;

describe('a sign-in', () => {
  it('opens sessions only in sign-in.flow.ts', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
      /(?<!spec)\.ts$/.test(file),
    );
    const callers = files.filter((file) => {
      const text = readFileSync(join('src', file), 'utf8');
      return /\bSessionsService\b/.test(text) && /\.open\(/.test(text);
    });
    expect(callers).toEqual([join('auth', 'sign-in', 'sign-in.flow.ts')]);
  });

  describe('to an account with a second factor', () => {
    let app: TestApp;
    let account: Account;

    beforeAll(async () => {
      app = await TestApp.start({ imports: [CodeFactorModule], settings: { RATE_LIMIT: 'on' } });
    });
    afterAll(() => app.stop());
    afterEach(() => jest.useRealTimers());
    beforeEach(async () => {
      account = await register(app.url);
      app.nest.get(CodeFactor).enrolled.add(account.id);
      await app.sql('TRUNCATE rate_limits');
    });

    const start = async (): Promise<Answer> =>
      send(app.url, PROBE, { body: { username: account.username, password: PASSWORD } });
    const challenged = async (): Promise<string> => {
      const { body } = await start();
      return body.challenge?.attemptToken ?? '';
    };
    const advance = async (attempt_token: string, code = CODE, factor = 'code'): Promise<Answer> =>
      send(app.url, `${PROBE}/advance`, { body: { attempt_token, code, factor } });
    const sessions = async () =>
      app.sql<{ id: string; aal: number; amr: string[] }>('SELECT id, aal, amr FROM sessions WHERE user_id = $1', [
        account.id,
      ]);
    const reasons = async () =>
      (
        await app.sql<{ data: object }>(
          `SELECT data FROM audit_events WHERE subject_id = $1 AND action = 'login.failed'`,
          [account.id],
        )
      ).map(({ data }) => data);

    it('requires it after the password and opens a session of level 2 with both', async () => {
      const { body } = await start();
      expect(body).toEqual({ challenge: { attemptToken: expect.any(String) as string, factors: ['code'] } });
      expect(await sessions()).toEqual([]);
      const answer = await advance(body.challenge?.attemptToken ?? '');
      const id = answer.body.session?.sessionId;
      expect(await sessions()).toEqual([{ id, aal: 2, amr: ['pwd', 'otp'] }]);
      const result = answer.body as Extract<SignInResult, { session: unknown }>;
      const { access_token: token, refresh_token } = result.session.tokens;
      expect((await send(app.url, '/api/v1/users/me', { token })).status).toBe(200);
      expect((await send(app.url, '/api/v1/auth/refresh', { body: { refresh_token } })).status).toBe(200);
    });

    it('passes the challenge data of the factor to the client', async () => {
      const attempt_token = await challenged();
      const begun = await send<{ hint: string }>(app.url, `${PROBE}/begin`, { body: { attempt_token } });
      const { body } = await advance(attempt_token);
      expect(begun.body.hint).toBe(`six digits for ${body.session?.sessionId}`);
    });

    it('is refused without a session by routes that do not support a challenge', async () => {
      const { username, password } = account;
      for (const [path, body] of [
        ['login', new URLSearchParams({ username, password })],
        ['login-json', { username, password }],
      ] as const) {
        const answer = await send(app.url, `/api/v1/auth/${path}`, { body });
        expect([answer.status, answer.body]).toEqual([
          403,
          { detail: 'This account requires another factor, which this endpoint does not support.' },
        ]);
      }
      expect(await sessions()).toEqual([]);
    });

    it('requires no second factor if the account is not enrolled', async () => {
      app.nest.get(CodeFactor).enrolled.delete(account.id);
      expect(Object.keys((await start()).body)).toEqual(['session']);
      expect(await sessions()).toMatchObject([{ aal: 1, amr: ['pwd'] }]);
    });

    it('opens one session per attempt under repeated and concurrent answers', async () => {
      const token = await challenged();
      const answers = await Promise.all(Array.from({ length: 5 }, async () => advance(token)));
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 401, 401, 401, 401]);
      const [{ id } = { id: '' }] = await sessions();
      await app.sql(`UPDATE sessions SET ended_at = now(), end_reason = 'logout' WHERE id = $1`, [id]);
      expect(await advance(token)).toMatchObject(REFUSED);
      expect(await sessions()).toHaveLength(1);
    });

    it.each([
      ['its password changes', `UPDATE users SET hashed_password = hashed_password || '' || 'x' WHERE id = $1`],
      ['it is disabled', 'UPDATE users SET is_active = false WHERE id = $1'],
      [
        'it is disabled and enabled',
        'UPDATE users SET is_active = false WHERE id = $1; UPDATE users SET is_active = true WHERE id = $1',
      ],
      ['it is deleted', 'DELETE FROM users WHERE id = $1'],
    ])('does not continue when %s', async (_what, change) => {
      const token = await challenged();
      for (const sql of change.split('; ')) await app.sql(sql, [account.id]);
      expect(await advance(token)).toMatchObject(REFUSED);
      expect(await sessions()).toEqual([]);
    });

    it('does not continue after five minutes', async () => {
      const token = await challenged();
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'setInterval', 'queueMicrotask'] });
      jest.setSystemTime(Date.now() + 301_000);
      expect(await advance(token)).toMatchObject(REFUSED);
    });

    it('does not continue with another token or another factor', async () => {
      const token = await challenged();
      const other = await register(app.url);
      const accessToken = await signIn(app.url, other);
      const [head, payload, signature = ''] = token.split('.');
      const unsigned = [head, payload, signature.split('').toReversed().join('')].join('.');
      for (const forged of ['', 'x', accessToken, unsigned]) expect(await advance(forged)).toMatchObject(REFUSED);
      for (const factor of ['passkey', 'constructor'])
        expect(await advance(token, CODE, factor)).toMatchObject(REFUSED);
      expect((await send(app.url, '/api/v1/users/me', { token })).status).toBe(401);
      expect(await sessions()).toEqual([]);
    });

    it('does not accept the password as the second factor', async () => {
      const token = await challenged();
      expect(await advance(token, PASSWORD, 'password')).toMatchObject(REFUSED);
      expect(await sessions()).toEqual([]);
    });

    it('does not release attempts because of a repeated password', async () => {
      const statuses: number[] = [];
      for (let tries = 0; tries < 7; tries += 1) {
        const token = await challenged();
        statuses.push((await advance(token, '000000')).status);
        await advance(token, PASSWORD, 'password');
      }
      expect(statuses).toEqual([400, 400, 400, 400, 400, 429, 429]);
    });

    it('records wrong answers and limits them even if the password is correct each time', async () => {
      const statuses: number[] = [];
      for (let tries = 0; tries < 7; tries += 1) statuses.push((await advance(await challenged(), '000000')).status);
      expect(statuses).toEqual([400, 400, 400, 400, 400, 429, 429]);
      expect((await advance(await challenged())).status).toBe(429);
      expect(await reasons()).toEqual(Array.from({ length: 5 }, () => ({ reason: 'wrong_factor', factor: 'code' })));
    });

    it('releases the attempts after a correct answer', async () => {
      for (let round = 0; round < 2; round += 1) {
        for (let tries = 0; tries < 4; tries += 1) expect((await advance(await challenged(), '0')).status).toBe(400);
        expect((await advance(await challenged())).status).toBe(201);
      }
    });

    describe('that is confirmed again', () => {
      it('accepts either factor', async () => {
        app.nest.get(CodeFactor).enrolled.delete(account.id);
        const { access_token } = await session(app.url, account);
        const sessionId = sessionOf(access_token);
        const live = await app.nest.get(PrincipalLoader).load({ userId: account.id, sessionId });
        if (!live) throw new Error('the session is over');
        const principal = { ...live, sessionId, tokenId: null };
        const confirm = async (factor: string, answer: string) =>
          app.nest.get(Reauthentication).confirm(principal, { factor, answer }, callerFrom('192.0.2.7'));
        await expect(confirm('code', '000000')).rejects.toMatchObject({ code: 'probe.wrong_code' });
        expect((await confirm('code', CODE)).id).toBe(account.id);
        expect((await confirm('password', passwordAnswer(PASSWORD).answer as string)).id).toBe(account.id);
      });
    });
  });
});
