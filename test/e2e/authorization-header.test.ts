import { type Account, signedIn } from '../support/accounts.js';
import { forge } from '../support/forged-tokens.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const ME = '/api/v1/users/me';
const ABSENT = 'Not authenticated';
const WRONG = 'Could not validate credentials';

describe('the Authorization header', () => {
  let app: TestApp;
  let account: Account & { token: string };

  beforeAll(async () => {
    app = await TestApp.start();
    account = await signedIn(app.url);
  });
  afterAll(() => app.stop());

  async function ask(headers: Record<string, string | string[]>, path = ME): Promise<Received<{ detail: string }>> {
    return send(app.url, path, { headers });
  }

  function expect401(answer: Received<{ detail: string }>, detail: string): void {
    expect([answer.status, answer.text]).toEqual([401, `{"detail":"${detail}"}`]);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  }

  it.each(['Bearer T', 'bearer T', 'BEARER T', 'bEaReR T', 'Bearer  T', 'Bearer \tT', 'Bearer T  ', '  Bearer T'])(
    'is parsed as by FastAPI: %j',
    async (spelling) => {
      const answer = await ask({ authorization: spelling.replace('T', account.token) });
      expect(answer.status).toBe(200);
    },
  );

  it.each([
    ['', ABSENT],
    ['T', ABSENT],
    ['Basic T', ABSENT],
    ['Bearer\tT', ABSENT],
    ['Bearer,T', ABSENT],
    ['Bearer="T"', ABSENT],
    ['Bearer:T', ABSENT],
    ['BearerT', ABSENT],
    ['"Bearer" T', ABSENT],
    ['Bearer\u00a0T', ABSENT],
    ['Token T', ABSENT],
    ['JWT T', ABSENT],
    ['Basic x, Bearer T', ABSENT],
    ['Bearer', WRONG],
    ['Bearer ', WRONG],
    ['Bearer   \t', WRONG],
    ['Bearer Bearer T', WRONG],
    ['Bearer "T"', WRONG],
    ['Bearer token=T', WRONG],
    ['Bearer T,', WRONG],
    ['Bearer T T', WRONG],
    ['Bearer T, Bearer T', WRONG],
    ['Bearer T; path=/', WRONG],
    ['Bearer null', WRONG],
    ['Bearer undefined', WRONG],
    ['Bearer -', WRONG],
    ['Bearer ...', WRONG],
    ['Bearer \u00e9\u00ff', WRONG],
    [`Bearer ${'A'.repeat(15_000)}`, WRONG],
    [`Bearer ${'.'.repeat(10_000)}`, WRONG],
  ])('is refused with 401 for %j', async (spelling, detail) => {
    expect401(await ask({ authorization: spelling.replaceAll('T', () => account.token) }), detail);
  });

  it('is refused when it is sent twice, with equal or different values', async () => {
    const valid = `Bearer ${account.token}`;
    for (const twice of [
      [valid, valid],
      [valid, 'Bearer x'],
      ['Bearer x', valid],
      [valid, 'Basic x'],
      ['Basic x', valid],
    ]) {
      expect((await ask({ authorization: twice })).status).toBe(401);
    }
  });

  it('is the only source of a token, unlike the query, a cookie, a form or another header', async () => {
    const { token } = account;
    for (const name of ['access_token', 'token', 'auth_token', 'jwt', 'authorization']) {
      expect401(await ask({}, `${ME}?${name}=${token}`), ABSENT);
      expect401(await ask({ cookie: `${name}=${token}` }), ABSENT);
      expect401(await ask({ [`x-${name.replace('_', '-')}`]: token }), ABSENT);
    }
    expect401(await ask({ 'proxy-authorization': `Bearer ${token}` }), ABSENT);
    const body = new URLSearchParams({ access_token: token, auth_token: token });
    expect401(await send(app.url, ME, { method: 'GET', body }), ABSENT);
  });

  it('is refused with an expired token even if the query has a valid one', async () => {
    const expired = forge(account.token, { claims: { exp: Math.floor(Date.now() / 1000) - 1 } });
    expect401(await ask({ authorization: `Bearer ${expired}` }, `${ME}?access_token=${account.token}`), WRONG);
  });

  it('is ignored by a public route', async () => {
    const body = { username: account.username, password: account.password };
    const headers = { authorization: 'Bearer invalid' };
    expect((await send(app.url, '/api/v1/auth/login-json', { body, headers })).status).toBe(200);
  });
});
