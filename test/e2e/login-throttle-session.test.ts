import { HashThreadPool } from '../../src/auth/passwords/hashing/hash-thread-pool.js';
import { type Account, PASSWORD, register, type Tokens, uniqueName } from '../support/accounts.js';
import { anotherClient, send } from '../support/http-client.js';
import {
  exhaustSharedBudget,
  tryPassword,
  OWN_LIMIT,
  repeated,
  signInFrom,
  times,
  WRONG,
} from '../support/password-attempts.js';
import { sessionOf } from '../support/sessions.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
const start = async (settings: Record<string, string> = {}) => {
  app = await TestApp.start({ settings: { RATE_LIMIT: 'on', HASH_WAIT_MS: '20000', ...settings } });
};

afterEach(() => jest.restoreAllMocks());

describe('confirming the current password', () => {
  let account: Account;
  let tokens: Tokens;
  const client = anotherClient();

  beforeAll(async () => start({ RATE_LIMIT_LOGIN_CLIENT: '20' }));
  afterAll(() => app.stop());
  beforeEach(async () => {
    account = await register(app.url, { email: `${uniqueName()}@example.com` });
    tokens = await signInFrom(app, account, anotherClient());
  });

  const change = async (token: string, current = PASSWORD, from = client) =>
    send(app.url, '/api/v1/users/me/password', {
      method: 'PUT',
      token,
      from,
      body: { current_password: current, new_password: 'kestrel-voyage-42' },
    });
  const changeEmail = async (token: string, current = PASSWORD) =>
    send(app.url, '/api/v1/users/me/email', {
      token,
      body: { email: `${uniqueName()}@example.com`, current_password: current },
    });
  const remove = async (token: string, password = PASSWORD) =>
    send(app.url, '/api/v1/users/me', { method: 'DELETE', token, body: { password } });

  it.each([
    ['changing the password', change, 204],
    ['changing the address', changeEmail, 202],
    ['deleting the account', remove, 204],
  ])('is not refused because of attempts by unknown clients: %s', async (_what, confirm, status) => {
    await exhaustSharedBudget(app, account);
    expect((await confirm(tokens.access_token)).status).toBe(status);
  });

  it('is not refused because of attempts from the same address', async () => {
    const from = anotherClient();
    expect(await times(21, () => tryPassword(app, { username: uniqueName('spray') }, { from }))).toContain(429);
    expect((await change(tokens.access_token, PASSWORD, from)).status).toBe(204);
  });

  it('allows five attempts per session across all routes, which the correct password releases', async () => {
    const { access_token } = tokens;
    const wrong = [change, changeEmail, remove, change];
    for (const confirm of wrong) expect((await confirm(access_token, WRONG)).status).toBe(400);
    expect((await changeEmail(access_token)).status).toBe(202);
    for (const confirm of [...wrong, remove]) expect((await confirm(access_token, WRONG)).status).toBe(400);
    const refused = await change(access_token);
    expect([refused.status, refused.headers['ratelimit-limit'], refused.headers['ratelimit-remaining']]).toEqual([
      429,
      String(OWN_LIMIT),
      '0',
    ]);
    expect(refused.headers['retry-after']).toBe(refused.headers['ratelimit-reset']);
  });

  it('does not count towards other sessions or sign-ins', async () => {
    const other = await signInFrom(app, account, anotherClient());
    expect(await times(OWN_LIMIT + 1, () => change(tokens.access_token, WRONG))).toEqual([
      ...repeated(400, OWN_LIMIT),
      429,
    ]);
    expect((await change(other.access_token, WRONG)).status).toBe(400);
    await exhaustSharedBudget(app, account);
  });

  it('evaluates five of 40 concurrent attempts', async () => {
    const compare = jest.spyOn(app.nest.get(HashThreadPool), 'compare');
    const answers = await Promise.all(Array.from({ length: 40 }, () => change(tokens.access_token, WRONG)));
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(OWN_LIMIT);
    expect(compare).toHaveBeenCalledTimes(OWN_LIMIT);
  });

  it('counts failures under the session of the token', async () => {
    expect((await remove(tokens.access_token, WRONG)).status).toBe(400);
    const key = `login:user:${account.id}`;
    const [row] = await app.sql<{ places: Record<string, string[]> }>('SELECT places FROM rate_limits WHERE key = $1', [
      key,
    ]);
    expect(Object.values(row?.places ?? {})).toEqual([[`session ${sessionOf(tokens.access_token)}`]]);
  });
});
