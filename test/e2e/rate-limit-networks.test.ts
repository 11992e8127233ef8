import { PASSWORD, register, session, uniqueName } from '../support/accounts.js';
import { type Received, send, type Sent } from '../support/http-client.js';
import { DedicatedRedis } from '../support/dedicated-redis.js';
import { describeWith } from '../support/programs.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const LIMIT = 2;
/** The limits of the networks around a /64, as multiples of its limit. */
const OF_56 = 4 * LIMIT;
const OF_48 = 16 * LIMIT;

// A request that Redis does not answer within 100 ms is counted by its process alone, which happens on a busy machine.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

let app: TestApp;
const start = async (settings: Record<string, string>) => {
  app = await TestApp.start({ settings: { RATE_LIMIT: 'on', TRUST_PROXY: '1', ...settings } });
};
const ask = async (via: string, path: string, sent: Sent = {}): Promise<Received> =>
  send(app.url, path, { ...sent, headers: { ...sent.headers, 'x-forwarded-for': via } });

let sites = 0;
/** A /48 that no other test uses. */
const anotherSite = () => `2001:db8:${(sites += 1).toString(16)}`;
/** One address in each of `count` /64s of a /56. */
const addressesIn = (site: string, subnet: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${site}:${(subnet * 256 + index).toString(16)}::1`);

type Ask = (via: string) => Promise<Received>;

/** Sends a request from each address. @returns how many were not refused */
async function admitted(one: Ask, addresses: readonly string[]): Promise<number> {
  let count = 0;
  for (const via of addresses) if ((await one(via)).status !== 429) count += 1;
  return count;
}

/** The tests for a limit per client. */
function describeNetworks(one: Ask): void {
  it('allows a /56 four times the limit', async () => {
    const site = anotherSite();
    expect(await admitted(one, addressesIn(site, 1, OF_56 + 3))).toBe(OF_56);
    expect((await one(`${site}:2ff::1`)).status).not.toBe(429);
  });

  it('allows a /48 sixteen times the limit', async () => {
    const site = anotherSite();
    const addresses = Array.from({ length: 8 }, (_, subnet) => addressesIn(site, subnet, OF_56 - 2)).flat();
    expect(await admitted(one, addresses)).toBe(OF_48);
    expect((await one(`${anotherSite()}:0::1`)).status).not.toBe(429);
  });

  it('is not exhausted for a network by one refused client', async () => {
    const site = anotherSite();
    expect(
      await admitted(
        one,
        Array.from({ length: OF_56 + 2 }, () => `${site}:0::1`),
      ),
    ).toBe(LIMIT);
    expect((await one(`${site}:1::1`)).status).not.toBe(429);
  });

  it('applies to each IPv4 address separately', async () => {
    const block = `198.51.${(sites += 1)}`;
    const addresses = Array.from({ length: OF_56 + 2 }, (_, index) => `${block}.${index}`);
    expect(await admitted(one, addresses)).toBe(OF_56 + 2);
  });
}

describe('the general limit of unauthenticated requests', () => {
  beforeAll(async () => start({ RATE_LIMIT_REQUESTS_PER_MINUTE: String(LIMIT) }));
  afterAll(() => app.stop());

  describe.each<[string, Ask]>([
    ['without a token', async (via) => ask(via, '/api/v1/users/me')],
    ['with an invalid token', async (via) => ask(via, '/api/v1/users/me', { token: 'x.y.z' })],
    ['with a header without a token', async (via) => ask(via, '/api/v1/users/me', { headers: { authorization: '' } })],
    ['of a public route', async (via) => ask(via, '/api/v1/auth/login-json', { body: {} })],
    [
      'of a public route, which ignores the header',
      async (via) =>
        ask(via, '/api/v1/auth/login-json', { token: 'x', body: { username: uniqueName(), password: 'wrong' } }),
    ],
    ['of a route with an optional token', async (via) => ask(via, '/api/v1/auth/logout', { token: 'x', body: {} })],
  ])('%s', (_what, one) => describeNetworks(one));

  it('shows the budget of the client, or of the network that refuses', async () => {
    const site = anotherSite();
    const limitOf = ({ headers }: Received) => [headers['ratelimit-limit'], headers['ratelimit-remaining']];
    const one = async (via: string) => ask(via, '/api/v1/users/me');
    const addresses = addressesIn(site, 0, OF_56);
    for (const via of addresses) expect(limitOf(await one(via))).toEqual([String(LIMIT), String(LIMIT - 1)]);
    const refused = await one(`${site}:ff::1`);
    expect([refused.status, ...limitOf(refused)]).toEqual([429, String(OF_56), '0']);
    expect(refused.headers['retry-after']).toBe(refused.headers['ratelimit-reset']);
  });

  it('does not count requests of signed-in users', async () => {
    const account = await register(app.url);
    const { access_token: token } = await session(app.url, account);
    const site = anotherSite();
    const signedIn = async (via: string) => ask(via, '/api/v1/users/me', { token });
    for (const via of addressesIn(site, 0, OF_56 + 3)) expect((await signedIn(via)).status).toBe(200);
    const unauthenticated = async (via: string) => ask(via, '/api/v1/users/me');
    expect(await admitted(unauthenticated, addressesIn(site, 0, OF_56 + 3))).toBe(OF_56);
    expect((await signedIn(`${site}:fe::1`)).status).toBe(200);
  });

  it('does not count requests outside the API', async () => {
    const site = anotherSite();
    for (const via of addressesIn(site, 0, OF_56 + 3)) {
      for (const path of ['/health', '/openapi.json', '/api/v1/nothing']) {
        expect((await ask(via, path, { token: 'x' })).status).not.toBe(429);
      }
    }
    expect((await ask(`${site}:ff::1`, '/api/v1/users/me')).status).toBe(401);
  });
});

describe('the limit of wrong passwords per client', () => {
  beforeAll(async () => start({ RATE_LIMIT_LOGIN_CLIENT: String(LIMIT) }));
  afterAll(() => app.stop());
  describeNetworks(async (via) =>
    ask(via, '/api/v1/auth/login-json', { body: { username: uniqueName('nobody'), password: 'wrong' } }),
  );

  it('does not refuse confirmations of signed-in users', async () => {
    const site = anotherSite();
    const account = await register(app.url);
    const { access_token: token } = await session(app.url, account);
    const guess: Ask = async (via) =>
      ask(via, '/api/v1/auth/login-json', { body: { username: uniqueName('nobody'), password: 'wrong' } });
    await admitted(guess, addressesIn(site, 0, OF_56 + 1));
    const answer = await ask(`${site}:0::1`, '/api/v1/users/me', {
      method: 'DELETE',
      token,
      body: { password: PASSWORD },
    });
    expect(answer.status).toBe(204);
  });
});

describe('the limit of registrations per client', () => {
  beforeAll(async () => start({ RATE_LIMIT_REGISTER_PER_HOUR: String(LIMIT) }));
  afterAll(() => app.stop());
  describeNetworks(async (via) =>
    ask(via, '/api/v1/auth/register', { body: { username: uniqueName(), password: PASSWORD } }),
  );
});

describe('the limit of requested messages per client', () => {
  const MESSAGES = 100;

  beforeAll(async () => start({ RATE_LIMIT_REQUESTS_PER_MINUTE: '100000' }));
  afterAll(() => app.stop());

  const forgot: Ask = async (via) =>
    ask(via, '/api/v1/auth/forgot-password', { body: { email: `${uniqueName()}@example.com` } });

  it.each([
    ['/56', ':0::/56', 4],
    ['/48', '::/48', 16],
  ])('applies to a %s', async (_what, network, times) => {
    const site = anotherSite();
    await app.sql(`INSERT INTO rate_limits (key, points, expires_at) VALUES ($1, $2, now() + interval '1 hour')`, [
      `mail:client:${site}${network}`,
      times * MESSAGES - 1,
    ]);
    expect((await forgot(`${site}:1::1`)).status).toBe(202);
    expect((await forgot(`${site}:2::1`)).status).toBe(429);
  });
});

describeWith('redis-server')('the general limit in Redis', () => {
  let redis: DedicatedRedis;

  beforeAll(async () => {
    redis = await DedicatedRedis.reserve();
    await redis.start();
    await start({ RATE_LIMIT_REQUESTS_PER_MINUTE: String(LIMIT), REDIS_URL: redis.url, WORKERS: '2' });
    await until(async () => (await ask('192.0.2.77', '/api/v1/users/me')).headers['ratelimit-limit'] === String(LIMIT));
  });
  afterAll(async () => {
    await app.stop();
    await redis.stop();
  });
  describeNetworks(async (via) => ask(via, '/api/v1/users/me'));
});
