import { HashThreadPool } from '../../src/auth/passwords/hashing/hash-thread-pool.js';
import { type Account, PASSWORD, register, type Tokens } from '../support/accounts.js';
import { anotherClient, send } from '../support/http-client.js';
import {
  exhaustSharedBudget,
  tryPassword,
  OWN_LIMIT,
  repeated,
  SHARED_LIMIT,
  signInFrom,
  countReservedSlots,
  times,
} from '../support/password-attempts.js';
import { TestApp } from '../support/test-app.js';

let app: TestApp;
const start = async (settings: Record<string, string> = {}) => {
  app = await TestApp.start({ settings: { RATE_LIMIT: 'on', HASH_WAIT_MS: '20000', ...settings } });
};

afterEach(() => jest.restoreAllMocks());

describe('an account under attack by unknown clients', () => {
  let account: Account;
  let home: string;
  let tokens: Tokens;

  beforeAll(async () => start());
  afterAll(() => app.stop());
  beforeEach(async () => {
    account = await register(app.url);
    home = anotherClient();
    tokens = await signInFrom(app, account, home);
  });

  const refreshFrom = async (from: string, { refresh_token }: Tokens): Promise<Tokens> => {
    const answer = await send<Tokens>(app.url, '/api/v1/auth/refresh', { body: { refresh_token }, from });
    expect(answer.status).toBe(200);
    return answer.body;
  };

  it('accepts the owner only from the address of a session', async () => {
    await exhaustSharedBudget(app, account);
    expect((await tryPassword(app, account, { password: PASSWORD })).status).toBe(429);
    expect((await tryPassword(app, account, { password: PASSWORD, from: home })).status).toBe(200);
  });

  it('allows five wrong passwords from a known address, then refuses the correct one', async () => {
    await exhaustSharedBudget(app, account);
    expect(await times(OWN_LIMIT + 1, () => tryPassword(app, account, { from: home }))).toEqual([
      ...repeated(401, OWN_LIMIT),
      429,
    ]);
    expect((await tryPassword(app, account, { password: PASSWORD, from: home })).status).toBe(429);
  });

  it('evaluates five of 40 concurrent wrong passwords from a known address', async () => {
    await exhaustSharedBudget(app, account);
    const compare = jest.spyOn(app.nest.get(HashThreadPool), 'compare');
    const answers = await Promise.all(Array.from({ length: 40 }, () => tryPassword(app, account, { from: home })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...repeated(401, OWN_LIMIT),
      ...repeated(429, 40 - OWN_LIMIT),
    ]);
    expect(compare).toHaveBeenCalledTimes(OWN_LIMIT);
  });

  it('evaluates as many of 80 concurrent wrong passwords as the shared and the known budget allow', async () => {
    const compare = jest.spyOn(app.nest.get(HashThreadPool), 'compare');
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, index) => tryPassword(app, account, index % 2 ? { from: home } : {})),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(SHARED_LIMIT + OWN_LIMIT);
    expect(compare).toHaveBeenCalledTimes(SHARED_LIMIT + OWN_LIMIT);
  });

  it('accepts 40 concurrent correct passwords from a known address', async () => {
    await exhaustSharedBudget(app, account);
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => tryPassword(app, account, { password: PASSWORD, from: home })),
    );
    expect(answers.map(({ status }) => status)).toEqual(repeated(200, 40));
    expect(await countReservedSlots(app, account)).toBe(SHARED_LIMIT);
  });

  it('knows the address of an ended session until 30 days after its last use', async () => {
    await send(app.url, '/api/v1/auth/logout', { method: 'POST', token: tokens.access_token });
    await exhaustSharedBudget(app, account);
    expect((await tryPassword(app, account, { from: home })).status).toBe(401);
    const age = (days: number) =>
      app.sql(`UPDATE sessions SET last_used_at = now() - make_interval(days => $2) WHERE user_id = $1`, [
        account.id,
        days,
      ]);
    await age(29);
    expect((await tryPassword(app, account, { from: home })).status).toBe(401);
    await age(31);
    expect((await tryPassword(app, account, { from: home })).status).toBe(429);
  });

  it('knows the addresses at which a session was refreshed, former ones for 30 days', async () => {
    const [office, train] = [anotherClient(), anotherClient()];
    await refreshFrom(train, await refreshFrom(office, tokens));
    await exhaustSharedBudget(app, account);
    for (const from of [home, office, train]) expect((await tryPassword(app, account, { from })).status).toBe(401);
    await app.sql(
      `UPDATE session_networks SET left_at = now() - interval '31 days' WHERE user_id = $1 AND network = $2::cidr`,
      [account.id, office],
    );
    expect((await tryPassword(app, account, { from: office })).status).toBe(429);
    expect((await tryPassword(app, account, { from: home })).status).toBe(401);
  });

  it('keeps at most 51 networks of a session', async () => {
    for (let index = 0; index < 60; index += 1) {
      await app.sql('UPDATE sessions SET address = $2, last_used_at = clock_timestamp() WHERE user_id = $1', [
        account.id,
        `192.0.2.${index}`,
      ]);
    }
    const kept = await app.sql<{ network: string }>('SELECT network::text FROM session_networks WHERE user_id = $1', [
      account.id,
    ]);
    expect(kept.length).toBeLessThanOrEqual(51);
    expect(kept.map(({ network }) => network)).toContain('192.0.2.59/32');
  });

  it('ignores addresses of other accounts and invalid addresses', async () => {
    const other = await register(app.url);
    await app.sql(`UPDATE sessions SET address = 'unknown' WHERE user_id = $1`, [account.id]);
    await app.sql(`DELETE FROM session_networks WHERE user_id = $1 AND left_at IS NOT NULL`, [account.id]);
    for (const each of [account, other]) {
      await exhaustSharedBudget(app, each);
      expect((await tryPassword(app, each, { from: home })).status).toBe(429);
    }
  });
});

describe('a known client behind a trusted proxy', () => {
  beforeAll(async () => start({ TRUST_PROXY: '1' }));
  afterAll(() => app.stop());

  it.each([
    ['an IPv4 address', '198.51.100.7', ['198.51.100.7', '::ffff:198.51.100.7'], ['198.51.100.8']],
    ['an IPv6 /64', '2001:db8:1:2::3', ['2001:db8:1:2:ffff::9', '[2001:db8:1:2::4]:5000'], ['2001:db8:1:3::3']],
  ])('is identified by %s', async (_what, home, same, others) => {
    const account = await register(app.url);
    expect((await tryPassword(app, account, { password: PASSWORD, via: home })).status).toBe(200);
    for (let index = 0; index < SHARED_LIMIT; index += 1) {
      expect((await tryPassword(app, account, { via: `203.0.113.${index}` })).status).toBe(401);
    }
    for (const via of same) expect((await tryPassword(app, account, { via })).status).toBe(401);
    for (const via of others) expect((await tryPassword(app, account, { via })).status).toBe(429);
    expect((await tryPassword(app, account, { password: PASSWORD, via: home })).status).toBe(200);
  });

  it('is unknown if the proxy forwards no valid address', async () => {
    const account = await register(app.url);
    expect((await tryPassword(app, account, { password: PASSWORD, via: 'unknown' })).status).toBe(200);
    for (let index = 0; index < SHARED_LIMIT; index += 1)
      await tryPassword(app, account, { via: `203.0.113.${index}` });
    expect((await tryPassword(app, account, { password: PASSWORD, via: 'nonsense' })).status).toBe(429);
  });
});
