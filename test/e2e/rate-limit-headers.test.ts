import { type Account, PASSWORD, register, session, uniqueName } from '../support/accounts.js';
import { anotherClient, type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const CLIENT_TRIES = 40;
const GENERAL = 3000;
const WRONG = 'wrong-password';

describe('RateLimit-* headers of sign-ins and other routes that name an account', () => {
  let app: TestApp;
  let account: Account;

  beforeAll(async () => {
    app = await TestApp.start({
      settings: { RATE_LIMIT: 'on', RATE_LIMIT_LOGIN_CLIENT: String(CLIENT_TRIES), EMAIL_VERIFICATION: 'optional' },
    });
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    account = await register(app.url, { email: `${uniqueName()}@example.com` });
  });

  const login = async (username: string, from: string, password = WRONG, form = false) =>
    form
      ? send(app.url, '/api/v1/auth/login', { from, body: new URLSearchParams({ username, password }) })
      : send(app.url, '/api/v1/auth/login-json', { from, body: { username, password } });
  const limitOf = ({ headers }: Received) => [headers['ratelimit-limit'], headers['ratelimit-remaining']];
  const left = (count: number) => [String(CLIENT_TRIES), String(CLIENT_TRIES - count)];

  it.each([false, true])(
    'show the budget of the client, whether or not the account exists (form: %s)',
    async (form) => {
      const { username } = account;
      const spelt = `${username.slice(0, 3)}\u200c${username.slice(3)}`;
      const seen = [];
      for (const typed of [spelt, username, uniqueName('nobody'), `${uniqueName('nob')}\u200cody`]) {
        const from = anotherClient();
        // Another client has also tried this account, but not the other usernames.
        await login(username, anotherClient());
        seen.push([limitOf(await login(typed, from, WRONG, form)), limitOf(await login(typed, from, WRONG, form))]);
      }
      for (const each of seen) expect(each).toEqual([left(1), left(2)]);
    },
  );

  it('do not reveal the activity of the owner to another client', async () => {
    const [attacker, home] = [anotherClient(), anotherClient()];
    const seen = [];
    for (let tries = 1; tries <= 4; tries += 1) {
      seen.push(limitOf(await login(account.username, attacker)));
      await login(account.username, home, tries % 2 ? PASSWORD : WRONG);
    }
    expect(seen).toEqual([left(1), left(2), left(3), left(4)]);
  });

  it('show the budget of the account only in its own 429, alike for an unknown username', async () => {
    const nobody = uniqueName('nobody');
    for (const username of [account.username, nobody]) {
      for (let tries = 0; tries < 10; tries += 1) await login(username, anotherClient());
      const refused = await login(username, anotherClient());
      expect([refused.status, ...limitOf(refused)]).toEqual([429, '10', '0']);
    }
  });

  it('show the budget of the client in its own 429, regardless of the account', async () => {
    const from = anotherClient();
    for (let tries = 0; tries < CLIENT_TRIES; tries += 1) await login(uniqueName('spray'), from);
    for (let tries = 0; tries < 10; tries += 1) await login(account.username, anotherClient());
    for (const username of [account.username, uniqueName('nobody')]) {
      const refused = await login(username, from);
      expect([refused.status, ...limitOf(refused)]).toEqual([429, String(CLIENT_TRIES), '0']);
    }
  });

  it('do not show the attempts of other clients after a correct password', async () => {
    for (let tries = 0; tries < 5; tries += 1) await login(account.username, anotherClient());
    const answer = await login(account.username, anotherClient(), PASSWORD);
    expect([answer.status, ...limitOf(answer)]).toEqual([200, ...left(0)]);
  });

  it('show the budget of the client if the current password is required', async () => {
    const { access_token: token } = await session(app.url, account);
    for (let tries = 0; tries < 5; tries += 1) await login(account.username, anotherClient());
    const from = anotherClient();
    const answers = [
      await send(app.url, '/api/v1/users/me/password', {
        method: 'PUT',
        token,
        from,
        body: { current_password: WRONG, new_password: 'kestrel-voyage-42' },
      }),
      await send(app.url, '/api/v1/users/me/email', {
        token,
        from,
        body: { current_password: WRONG, email: 'another@example.com' },
      }),
      await send(app.url, '/api/v1/users/me', { method: 'DELETE', token, from, body: { password: WRONG } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(answers.map(limitOf)).toEqual([1, 2, 3].map((count) => [String(GENERAL), String(GENERAL - count)]));
  });

  it.each([
    ['forgot-password', '100'],
    ['resend-verification', '100'],
  ])('show the budget of the client, whether or not the address exists: %s', async (path, limit) => {
    const [row] = await app.sql<{ email: string }>('SELECT email FROM users WHERE id = $1', [account.id]);
    for (const email of [row?.email, `${uniqueName()}@example.com`]) {
      const from = anotherClient();
      const answer = await send(app.url, `/api/v1/auth/${path}`, { from, body: { email } });
      expect([answer.status, ...limitOf(answer)]).toEqual([202, limit, String(Number(limit) - 1)]);
    }
  });

  it('show the budget of the client, whether or not a username is taken', async () => {
    for (const username of [account.username, uniqueName()]) {
      const from = anotherClient();
      const answer = await send(app.url, '/api/v1/auth/register', { from, body: { username, password: PASSWORD } });
      expect(limitOf(answer)).toEqual(['200', '199']);
    }
  });
});
