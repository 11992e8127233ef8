import { DataSource } from 'typeorm';
import { SessionsService } from '../../src/auth/sessions/sessions.service.js';
import type { FirstProof } from '../../src/auth/sign-in/factors/factor.js';
import { SignInFlow } from '../../src/auth/sign-in/sign-in.flow.js';
import { User } from '../../src/users/user.entity.js';
import { PasswordHasher } from '../../src/auth/passwords/password-hasher.js';
import { type Account, PASSWORD, register, session, uniqueName } from '../support/accounts.js';
import { callerFrom } from '../support/callers.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { send } from '../support/http-client.js';
import { scrape, valueIn } from '../support/scrape.js';
import { sessionOf, whileHeld } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';

const FIREFOX = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' };
const NEWER_FIREFOX = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0' };
const CURL = { 'user-agent': 'curl/8.14.1' };

describe('a sign-in', () => {
  let app: TestApp;
  const log = collectingLogger();

  beforeAll(async () => {
    app = await TestApp.start({ logger: log.logger, settings: { WORKER: 'off' } });
  });
  afterAll(() => app.stop());
  afterEach(() => jest.restoreAllMocks());

  const statusOfMe = async (token: string) => (await send(app.url, '/api/v1/users/me', { token })).status;
  const sessionsOf = async ({ id }: Account) =>
    app.sql<{ live: boolean; end_reason: string | null }>(
      'SELECT ended_at IS NULL AS live, end_reason FROM sessions WHERE user_id = $1 ORDER BY created_at',
      [id],
    );
  const hashOf = async ({ id }: Account) => {
    const [row] = await app.sql<{ hashed_password: string }>('SELECT hashed_password FROM users WHERE id = $1', [id]);
    return row?.hashed_password ?? '';
  };
  const proofOf = async (account: Account): Promise<FirstProof> => {
    const user = await app.nest.get(DataSource).manager.findOneByOrFail(User, { id: account.id });
    return { factor: 'password', kind: 'knowledge', amr: 'pwd', user };
  };
  const start = async (proof: FirstProof) => app.nest.get(SignInFlow).start(proof, { caller: callerFrom('192.0.2.1') });
  const refused = { code: 'auth.invalid_credentials' };

  it('opens a session by form and JSON, unlike a registration', async () => {
    const account = await register(app.url);
    expect(await sessionsOf(account)).toEqual([]);
    const { username, password } = account;
    const form = await send<{ access_token: string; refresh_token: string }>(app.url, '/api/v1/auth/login', {
      body: new URLSearchParams({ username, password }),
    });
    const json = await session(app.url, account);
    expect(form.text).toMatch(/^\{"access_token":"[^"]+","token_type":"bearer","expires_in":1800,"refresh_token":"/);
    expect(Object.keys(json)).toEqual(['access_token', 'token_type', 'expires_in', 'refresh_token']);
    expect(sessionOf(form.body.access_token)).not.toBe(sessionOf(json.access_token));
    expect(await sessionsOf(account)).toHaveLength(2);
  });

  it('opens no session if its transaction fails', async () => {
    const account = await register(app.url);
    const { open } = app.nest.get(SessionsService);
    jest.spyOn(app.nest.get(SessionsService), 'open').mockImplementation(async function (
      this: SessionsService,
      ...args
    ) {
      await open.apply(this, args);
      throw new Error('the disk is full');
    });
    const { username, password } = account;
    expect((await send(app.url, '/api/v1/auth/login-json', { body: { username, password } })).status).toBe(500);
    expect(await sessionsOf(account)).toEqual([]);
  });

  it('has its user in the access log, as does a refresh', async () => {
    const account = await register(app.url);
    const { refresh_token } = await session(app.url, account);
    await send(app.url, '/api/v1/auth/refresh', { body: { refresh_token } });
    for (const route of ['/api/v1/auth/login-json', '/api/v1/auth/refresh']) {
      const line = log.lines.findLast((each) => each.includes(`"route":"${route}"`));
      expect(JSON.parse(line ?? '{}')).toMatchObject({ status: 200, user_id: account.id });
    }
    expect(log.lines.join('')).not.toContain(refresh_token);
  });

  describe('concurrent with a change of the account', () => {
    it('opens no session with a password that was changed', async () => {
      const account = await register(app.url);
      const proof = await proofOf(account);
      await app.sql("UPDATE users SET hashed_password = '$2b$04$another' WHERE id = $1", [account.id]);
      await expect(start(proof)).rejects.toMatchObject(refused);
      expect(await sessionsOf(account)).toEqual([]);
    });

    it('waits for an uncommitted change and applies it', async () => {
      const account = await register(app.url);
      const proof = await proofOf(account);
      const change = "UPDATE users SET hashed_password = '$2b$04$another' WHERE id = $1";
      const started = whileHeld(app.nest.get(DataSource), [change, [account.id]], async () => start(proof));
      await expect(started).rejects.toMatchObject(refused);
      expect(await sessionsOf(account)).toEqual([]);
    });

    it('responds as to a wrong password if it is changed after the comparison', async () => {
      const { id, username, password } = await register(app.url);
      const { verify } = app.nest.get(PasswordHasher);
      jest.spyOn(app.nest.get(PasswordHasher), 'verify').mockImplementationOnce(async function (
        this: PasswordHasher,
        ...args
      ) {
        const isCorrect = await verify.apply(this, args);
        await app.sql("UPDATE users SET hashed_password = '$2b$04$another' WHERE id = $1", [id]);
        return isCorrect;
      });
      const answer = await send(app.url, '/api/v1/auth/login-json', { body: { username, password } });
      expect([answer.status, answer.text]).toEqual([401, '{"detail":"Incorrect username or password"}']);
    });

    it('succeeds if only the hash changes, as after a raised cost', async () => {
      const account = await register(app.url);
      const same = await register(app.url);
      const { verify } = app.nest.get(PasswordHasher);
      jest.spyOn(app.nest.get(PasswordHasher), 'verify').mockImplementationOnce(async function (
        this: PasswordHasher,
        ...args
      ) {
        const isCorrect = await verify.apply(this, args);
        await app.sql('UPDATE users SET hashed_password = $2 WHERE id = $1', [account.id, await hashOf(same)]);
        return isCorrect;
      });
      const { access_token } = await session(app.url, account);
      expect(await statusOfMe(access_token)).toBe(200);
    });

    it('opens no session for a disabled or deleted account', async () => {
      const [disabled, deleted] = [await register(app.url), await register(app.url)];
      const proofs = [await proofOf(disabled), await proofOf(deleted)];
      await app.sql('UPDATE users SET is_active = false WHERE id = $1', [disabled.id]);
      await app.sql('DELETE FROM users WHERE id = $1', [deleted.id]);
      for (const proof of proofs) await expect(start(proof)).rejects.toMatchObject(refused);
    });
  });

  describe('from a device', () => {
    const mails = async ({ id }: Account) =>
      app.sql<{ payload: Record<string, unknown> }>(
        `SELECT payload FROM graphile_worker._private_jobs AS jobs
         WHERE payload->>'template' = 'new-sign-in' AND (payload->>'userId')::int = $1`,
        [id],
      );
    const withAddress = async () => register(app.url, { email: `${uniqueName()}@example.com` });

    it('enqueues one message for each new device except the first', async () => {
      const account = await withAddress();
      for (const device of [FIREFOX, NEWER_FIREFOX]) await session(app.url, account, device);
      expect(await mails(account)).toEqual([]);
      const { access_token } = await session(app.url, account, { ...CURL, 'accept-language': 'de' });
      const jobs = await mails(account);
      expect(jobs).toHaveLength(1);
      expect(jobs[0]?.payload).toMatchObject({ sessionId: sessionOf(access_token), language: 'de' });
      expect(JSON.stringify(jobs)).not.toMatch(/curl|127\.0\.0\.1|@example/);
      for (const device of [CURL, FIREFOX]) await session(app.url, account, device);
      expect(await mails(account)).toHaveLength(1);
    });

    it('enqueues no message for an account without an address', async () => {
      const account = await register(app.url);
      for (const device of [FIREFOX, CURL]) await session(app.url, account, device);
      expect(await mails(account)).toEqual([]);
    });
  });

  it('is counted, and so are its refreshes and the logout', async () => {
    const { username } = await register(app.url);
    const before = await scrape(app.url);
    const grown = async (name: string, labels = {}) =>
      valueIn(await scrape(app.url), name, labels) - valueIn(before, name, labels);
    const first = await session(app.url, { username, password: PASSWORD });
    for (const _ of [1, 2]) {
      await send(app.url, '/api/v1/auth/refresh', { body: { refresh_token: first.refresh_token } });
    }
    await send(app.url, '/api/v1/auth/refresh', { body: { refresh_token: 'x' } });
    await send(app.url, '/api/v1/auth/logout', { method: 'POST', token: first.access_token });
    expect(await grown('auth_sessions_opened_total')).toBe(1);
    expect(await grown('auth_sessions_ended_total', { reason: 'logout' })).toBe(1);
    expect(await grown('auth_refreshes_total', { outcome: 'success' })).toBe(1);
    expect(await grown('auth_refreshes_total', { outcome: 'repeated' })).toBe(1);
    expect(await grown('auth_refreshes_total', { outcome: 'refused' })).toBe(1);
    expect(await grown('auth_refreshes_total', { outcome: 'reused' })).toBe(0);
  });
});
