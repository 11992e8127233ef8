import { PASSWORD, register, signedIn, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const ME = '/api/v1/users/me';
const LIMIT = 6;

describe('probes for taken usernames and addresses by one client with several accounts', () => {
  let app: TestApp;
  let taken: { username: string; email: string };
  let accounts: { token: string }[];

  beforeAll(async () => {
    app = await TestApp.start({ settings: { RATE_LIMIT: 'on', RATE_LIMIT_REGISTER_PER_HOUR: String(LIMIT) } });
    const email = `${uniqueName()}@example.com`;
    taken = { ...(await register(app.url, { email })), email };
    accounts = await Promise.all([signedIn(app.url), signedIn(app.url), signedIn(app.url)]);
  });
  beforeEach(() => app.sql("DELETE FROM rate_limits WHERE key LIKE 'taken:%'"));
  afterAll(() => app.stop());

  const rename = async (token: string, username: string): Promise<Received<{ code?: string }>> =>
    send(app.url, ME, { method: 'PATCH', token, body: { username }, headers: { accept: 'application/problem+json' } });
  const changeEmail = async (token: string, email: string): Promise<Received<{ code?: string }>> =>
    send(app.url, `${ME}/email`, {
      token,
      body: { email, current_password: PASSWORD },
      headers: { accept: 'application/problem+json' },
    });

  it('are limited across all accounts like the registrations of a client', async () => {
    const codes: (string | undefined)[] = [];
    for (const { token } of accounts) {
      codes.push((await changeEmail(token, taken.email)).body.code);
      for (let tries = 0; tries < 3; tries += 1) codes.push((await rename(token, taken.username)).body.code);
    }
    const reported = codes.filter((code) => code === 'users.username_taken' || code === 'users.email_taken');
    expect(reported).toHaveLength(LIMIT);
    expect(new Set(codes.slice(LIMIT))).toEqual(new Set(['users.too_many_renames', 'auth.too_many_messages']));
    // A free username is refused too, since the difference would reveal which ones are taken.
    expect((await rename(accounts[2]?.token ?? '', uniqueName())).status).toBe(429);
  });

  it('count only if the value is taken', async () => {
    const token = accounts[0]?.token ?? '';
    for (let tries = 0; tries < 3; tries += 1) expect((await rename(token, uniqueName())).status).toBe(200);
    const rows = await app.sql("SELECT FROM rate_limits WHERE key LIKE 'taken:%' AND points > 0");
    expect(rows).toEqual([]);
  });
});
