import { connect } from 'node:net';
import { HashThreadPool } from '../../src/auth/passwords/hashing/hash-thread-pool.js';
import { overloadedFor } from '../../src/auth/passwords/hashing/hash-queue.errors.js';
import { LoginThrottle } from '../../src/auth/sign-in/login-throttle.js';
import { PasswordHasher } from '../../src/auth/passwords/password-hasher.js';
import { RateLimitStore } from '../../src/platform/rate-limit/rate-limit-store.js';
import { RateLimits } from '../../src/platform/rate-limit/rate-limits.js';
import { type Account, PASSWORD, register, uniqueName } from '../support/accounts.js';
import { callerFrom } from '../support/callers.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const PATH = '/api/v1/auth/login-json';

describe('the reservation of a sign-in attempt', () => {
  let app: TestApp;
  let account: Account;

  beforeAll(async () => {
    app = await TestApp.start({
      settings: { RATE_LIMIT: 'on', RATE_LIMIT_LOGIN_CLIENT: '15', HASH_THREADS: '1', HASH_WAIT_MS: '20000' },
    });
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    account = await register(app.url);
  });
  afterEach(() => jest.restoreAllMocks());

  const login = (password = PASSWORD) => send(app.url, PATH, { body: { username: account.username, password } });

  /** The failures counted for the account and for the client address of these tests. */
  async function counted(): Promise<{ account: number; client: number }> {
    const rows = await app.sql<{ key: string; points: number }>('SELECT key, points FROM rate_limits');
    const points = (key: string) => rows.find((row) => row.key === key)?.points ?? 0;
    return { account: points(`login:user:${account.id}`), client: points('login:client:127.0.0.1') };
  }

  it('is released for each correct password', async () => {
    for (let time = 0; time < 20; time += 1) expect((await login()).status).toBe(200);
    expect(await counted()).toEqual({ account: 0, client: 0 });
  });

  it('is awaited by others, so that 40 concurrent correct passwords succeed', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => login()));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await counted()).toEqual({ account: 0, client: 0 });
  });

  it('is released when the password is correct and the account disabled', async () => {
    await app.sql('UPDATE users SET is_active = false WHERE id = $1', [account.id]);
    for (let time = 0; time < 12; time += 1) expect((await login()).status).toBe(400);
    expect(await counted()).toEqual({ account: 0, client: 0 });
  });

  it('is released when the hash queue refuses the attempt', async () => {
    jest.spyOn(app.nest.get(PasswordHasher), 'verify').mockRejectedValue(overloadedFor(1));
    for (let time = 0; time < 12; time += 1) expect((await login('wrong-password')).status).toBe(503);
    expect(await counted()).toEqual({ account: 0, client: 0 });
  });

  it('is released when the client disconnects in the queue', async () => {
    let finish: (result: { result: boolean; durationMs: number }) => void = () => undefined;
    // The first attempt blocks the queue until the test finishes it.
    const blocked = new Promise<{ result: boolean; durationMs: number }>((resolve) => (finish = resolve));
    const compare = jest.spyOn(app.nest.get(HashThreadPool), 'compare').mockReturnValue(blocked);
    const head = send(app.url, PATH, { body: { username: uniqueName(), password: 'wrong-password' } });
    await until(() => compare.mock.calls.length > 0);
    const body = JSON.stringify({ username: account.username, password: 'wrong-password' });
    const { port } = new URL(app.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await until(async () => (await counted()).account === 1);
    socket.destroy();
    await until(async () => (await counted()).account === 0);
    finish({ result: false, durationMs: 1 });
    expect((await head).status).toBe(401);
    expect((await counted()).client).toBe(1);
  });

  it('is passed to a waiting attempt when it ends with an error', async () => {
    const throttle = app.nest.get(LoginThrottle);
    const reserve = jest.spyOn(app.nest.get(RateLimits), 'tryReserve');
    const attempt = async (verify: () => Promise<boolean>, signal?: AbortSignal) =>
      throttle.attemptSignIn({ user: account, username: account.username }, callerFrom('192.0.2.1', signal), verify);
    const ends: (() => void)[] = [];
    const tries = Array.from({ length: 10 }, async () =>
      attempt(async () => new Promise((_, reject) => ends.push(() => reject(new Error('gone'))))).catch(() => 'failed'),
    );
    await until(() => ends.length === 10);
    // An attempt that cannot wait gets a short Retry-After instead of the end of the window.
    const refused = attempt(async () => true, AbortSignal.abort());
    await expect(refused).rejects.toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    const waiting = attempt(async () => true);
    expect(await reserve.mock.results.at(-1)?.value).toMatchObject({ refused: true });
    ends.shift()?.();
    expect(await waiting).toBe(true);
    for (const end of ends) end();
    await Promise.all(tries);
    expect((await counted()).account).toBe(0);
  });

  it('does not fail a sign-in when it cannot be released', async () => {
    const store = app.nest.get(RateLimitStore);
    const query = jest.spyOn(store as unknown as { query: () => Promise<unknown> }, 'query');
    query.mockImplementationOnce(async () => {
      query.mockRejectedValueOnce(new Error('the database is unavailable'));
      return [
        { key: `login:user:${account.id}`, taken: true, points: 1, expires_at: 'x', seconds: 900 },
        { key: 'login:client:127.0.0.1', taken: true, points: 1, expires_at: 'x', seconds: 900 },
      ];
    });
    expect((await login()).status).toBe(200);
    expect(query).toHaveBeenCalledTimes(2);
  });
});
