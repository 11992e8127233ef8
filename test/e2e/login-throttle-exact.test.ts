import { type Account, PASSWORD, register, session, uniqueName } from '../support/accounts.js';
import { anotherClient, type Received, send } from '../support/http-client.js';
import {
  exhaustSharedBudget,
  tryPassword,
  OWN_LIMIT,
  repeated,
  SHARED_LIMIT,
  signInFrom,
  countReservedSlots,
  times,
  WRONG,
} from '../support/password-attempts.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
const start = async (settings: Record<string, string> = {}) => {
  app = await TestApp.start({ settings: { RATE_LIMIT: 'on', HASH_WAIT_MS: '20000', ...settings } });
};

describe('a correct password', () => {
  let account: Account;

  beforeAll(async () => start());
  afterAll(() => app.stop());
  beforeEach(async () => {
    account = await register(app.url);
  });

  it('releases the failed attempts of its own client only', async () => {
    const [mine, theirs] = [anotherClient(), anotherClient()];
    await times(6, () => tryPassword(app, account, { from: mine }));
    await times(3, () => tryPassword(app, account, { from: theirs }));
    expect(await countReservedSlots(app, account)).toBe(9);
    expect((await tryPassword(app, account, { password: PASSWORD, from: mine })).status).toBe(200);
    expect(await countReservedSlots(app, account)).toBe(3);
    expect(await times(8, () => tryPassword(app, account, { from: theirs }))).toEqual([...repeated(401, 7), 429]);
  });

  it('does not release the shared attempts of unknown clients', async () => {
    const home = anotherClient();
    await signInFrom(app, account, home);
    await exhaustSharedBudget(app, account);
    expect((await tryPassword(app, account, { password: PASSWORD, from: home })).status).toBe(200);
    expect(await times(3, () => tryPassword(app, account))).toEqual(repeated(429, 3));
  });

  it('releases exactly its own attempts when several clients sign in concurrently', async () => {
    const clients = Array.from({ length: 4 }, () => anotherClient());
    for (let round = 0; round < 5; round += 1) {
      await app.sql('UPDATE rate_limits SET points = 0');
      const tries = clients.flatMap((from) => [
        tryPassword(app, account, { from }),
        tryPassword(app, account, { from, password: PASSWORD }),
        tryPassword(app, account, { from }),
      ]);
      const answers = await Promise.all(tries);
      for (const { status } of answers) expect([200, 401]).toContain(status);
      const [row] = await app.sql<{ points: number; places: object }>(
        'SELECT points, places FROM rate_limits WHERE key = $1',
        [`login:user:${account.id}`],
      );
      expect(row?.points).toBe(Object.keys(row?.places ?? {}).length);
      for (const from of clients)
        expect((await tryPassword(app, account, { from, password: PASSWORD })).status).toBe(200);
      expect(await countReservedSlots(app, account)).toBe(0);
    }
  });
});

describe('the budgets of an account', () => {
  afterEach(() => app.stop());

  /** An account with sessions at `count` addresses. */
  async function knownAt(count: number): Promise<{ account: Account; clients: string[] }> {
    const account = await register(app.url);
    const clients = Array.from({ length: count }, () => anotherClient());
    for (const from of clients) await signInFrom(app, account, from);
    return { account, clients };
  }
  const evaluated = async (tries: Promise<Received>[]) =>
    (await Promise.all(tries)).filter(({ status }) => status === 401 || status === 400).length;

  it('allow a total of 100 failures per window', async () => {
    await start({ RATE_LIMIT_LOGIN_CLIENT: '1000' });
    const { account, clients } = await knownAt(24);
    const { access_token: token } = await session(app.url, account);
    const failures = await evaluated([
      ...clients.flatMap((from) => Array.from({ length: OWN_LIMIT }, () => tryPassword(app, account, { from }))),
      ...Array.from({ length: 10 }, () =>
        send(app.url, '/api/v1/users/me', { method: 'DELETE', token, body: { password: WRONG } }),
      ),
      ...Array.from({ length: 20 }, () => tryPassword(app, account)),
    ]);
    expect(failures).toBe(100);
    const refused = await tryPassword(app, account, { password: PASSWORD, from: clients[0] ?? '' });
    expect(refused.status).toBe(429);
    await app.sql(`UPDATE rate_limits SET expires_at = now() - interval '1 second'`);
    expect((await tryPassword(app, account, { password: PASSWORD })).status).toBe(200);
  });

  it('reserve attempts for the owner even with a high RATE_LIMIT_LOGIN_ACCOUNT', async () => {
    await start({ RATE_LIMIT_LOGIN_ACCOUNT: '100' });
    const { account, clients } = await knownAt(1);
    expect(await evaluated(Array.from({ length: 110 }, () => tryPassword(app, account)))).toBe(90);
    expect((await tryPassword(app, account, { from: clients[0] ?? '' })).status).toBe(401);
    expect((await tryPassword(app, account, { from: clients[0] ?? '', password: PASSWORD })).status).toBe(200);
  });

  it('are indistinguishable from those of an unknown username, even from a known address', async () => {
    await start();
    const { account, clients } = await knownAt(1);
    const from = clients[0] ?? '';
    const comparable = ({ status, text, headers }: Received) => {
      const { date: _date, 'x-request-id': _id, ...rest } = headers;
      const reset = Math.ceil(Number(rest['ratelimit-reset']) / 60);
      return { status, text, rest: { ...rest, 'ratelimit-reset': reset, 'retry-after': rest['retry-after'] && reset } };
    };
    const nobody = { username: uniqueName('nobody') };
    const statuses: number[] = [];
    for (let index = 0; index < SHARED_LIMIT + 2; index += 1) {
      await app.sql(`UPDATE rate_limits SET points = 0 WHERE key LIKE 'login:client:%'`);
      const known = await tryPassword(app, account, { from });
      await app.sql(`UPDATE rate_limits SET points = 0 WHERE key LIKE 'login:client:%'`);
      expect(comparable(await tryPassword(app, nobody, { from }))).toEqual(comparable(known));
      statuses.push(known.status);
    }
    expect(statuses).toEqual([...repeated(401, SHARED_LIMIT), 429, 429]);
  });
});
