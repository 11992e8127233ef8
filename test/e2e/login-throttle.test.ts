import { HashThreadPool } from '../../src/auth/passwords/hashing/hash-thread-pool.js';
import { PASSWORD, register, uniqueName } from '../support/accounts.js';
import { anotherClient, type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const TRIES = 10;
const CLIENT_TRIES = 30;
const WRONG = 'wrong-password';

let app: TestApp;
interface Try {
  username: string;
  password?: string;
  from?: string;
  form?: boolean;
}

const attempt = ({ username, password = WRONG, from = anotherClient(), form = false }: Try): Promise<Received> =>
  form
    ? send(app.url, '/api/v1/auth/login', { from, body: new URLSearchParams({ username, password }) })
    : send(app.url, '/api/v1/auth/login-json', { from, body: { username, password } });

const times = async (count: number, one: (index: number) => Promise<Received>): Promise<number[]> => {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await one(index)).status);
  return statuses;
};

const repeated = (status: number, count: number): number[] => Array.from({ length: count }, () => status);

const endWindows = () => app.sql(`UPDATE rate_limits SET expires_at = now() - interval '1 second'`);

beforeAll(async () => {
  app = await TestApp.start({
    settings: { RATE_LIMIT: 'on', RATE_LIMIT_LOGIN_CLIENT: String(CLIENT_TRIES), HASH_WAIT_MS: '20000' },
  });
});
afterAll(() => app.stop());
afterEach(() => jest.restoreAllMocks());

describe('wrong passwords for one account', () => {
  it('are refused beyond the budget from any address, and so is the correct password', async () => {
    const { username } = await register(app.url);
    expect(await times(TRIES, () => attempt({ username }))).toEqual(repeated(401, TRIES));
    const compare = jest.spyOn(app.nest.get(HashThreadPool), 'compare');
    for (const password of [WRONG, PASSWORD]) {
      const refused = await attempt({ username, password });
      expect([refused.status, refused.text]).toEqual([429, '{"detail":"Too many attempts. Please try again later."}']);
      expect(refused.headers).toMatchObject({ 'ratelimit-limit': String(TRIES), 'ratelimit-remaining': '0' });
      expect(refused.headers['retry-after']).toBe(refused.headers['ratelimit-reset']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(800);
      expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(900);
    }
    expect(compare).not.toHaveBeenCalled();
  });

  it('expire at the end of the window, which refused attempts do not extend', async () => {
    const { id, username } = await register(app.url);
    await times(TRIES, () => attempt({ username }));
    const window = () => app.sql('SELECT points, expires_at FROM rate_limits WHERE key = $1', [`login:user:${id}`]);
    const before = await window();
    expect(await times(3, () => attempt({ username, password: PASSWORD }))).toEqual(repeated(429, 3));
    expect(await window()).toEqual(before);
    await endWindows();
    expect((await attempt({ username, password: PASSWORD })).status).toBe(200);
    expect(await times(TRIES + 1, () => attempt({ username }))).toEqual([...repeated(401, TRIES), 429]);
  });

  it('expire by the clock of the database, not of the process', async () => {
    const { username } = await register(app.url);
    await times(TRIES, () => attempt({ username }));
    const tomorrow = Date.now() + 86_400_000;
    jest.spyOn(Date, 'now').mockReturnValue(tomorrow);
    expect((await attempt({ username })).status).toBe(429);
  });

  it('are counted together across form and JSON and all spellings of the username', async () => {
    const { username } = await register(app.url);
    const spellings = [username, username.toUpperCase(), username.replace('u', '\uff55')];
    const statuses = await times(TRIES + 2, (index) =>
      attempt({ username: spellings[index % 3] ?? '', form: index % 2 === 0 }),
    );
    expect(statuses).toEqual([...repeated(401, TRIES), 429, 429]);
  });

  it.each([
    ['a known username', async () => (await register(app.url)).username],
    ['an unknown username', async () => uniqueName('nobody')],
  ])('are evaluated within the budget when 40 arrive at the same time: %s', async (_what, name) => {
    const username = await name();
    const compare = jest.spyOn(app.nest.get(HashThreadPool), 'compare');
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => attempt({ username, form: index % 2 === 0 })),
    );
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([...repeated(401, TRIES), ...repeated(429, 40 - TRIES)]);
    expect(compare).toHaveBeenCalledTimes(TRIES);
    for (const { headers } of answers.filter(({ status }) => status === 429)) {
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
  });

  it('from one client no longer count once that client signs in', async () => {
    const { username } = await register(app.url);
    const from = anotherClient();
    expect(await times(TRIES - 1, () => attempt({ username, from }))).toEqual(repeated(401, TRIES - 1));
    const correct = await attempt({ username, password: PASSWORD, from });
    expect([correct.status, correct.headers['ratelimit-remaining']]).toEqual([200, String(CLIENT_TRIES - TRIES + 1)]);
    expect(await times(TRIES + 1, () => attempt({ username, from }))).toEqual([...repeated(401, TRIES), 429]);
    const [row] = await app.sql<{ points: number }>('SELECT points FROM rate_limits WHERE key = $1', [
      `login:client:${from}`,
    ]);
    expect(row?.points).toBe(TRIES - 1 + TRIES);
  });
});

describe('an unknown username', () => {
  it('is throttled like a known one, byte for byte', async () => {
    const { username } = await register(app.url);
    const nobody = uniqueName('nobody');
    const comparable = ({ status, text, headers }: Received) => {
      const { date: _date, 'x-request-id': _id, 'ratelimit-reset': _reset, 'retry-after': _after, ...rest } = headers;
      return { status, text, rest };
    };
    for (let index = 0; index < TRIES + 2; index += 1) {
      const form = index % 2 === 0;
      const [known, unknown] = [await attempt({ username, form }), await attempt({ username: nobody, form })];
      expect(comparable(unknown)).toEqual(comparable(known));
      expect(known.status).toBe(index < TRIES ? 401 : 429);
    }
  });

  it('is counted across all spellings and not stored in plain text', async () => {
    const nobody = uniqueName('nobody');
    const spellings = [nobody, nobody.toUpperCase(), nobody.replace('b', '\uff42')];
    const statuses = await times(TRIES + 1, (index) => attempt({ username: spellings[index % 3] ?? '' }));
    expect(statuses).toEqual([...repeated(401, TRIES), 429]);
    const keys = await app.sql<{ key: string }>('SELECT key FROM rate_limits');
    expect(keys.filter(({ key }) => key.toLowerCase().includes(nobody))).toEqual([]);
  });
});

describe('wrong passwords from one client', () => {
  it('are refused beyond the budget across all usernames, without counting for the account or other clients', async () => {
    const from = anotherClient();
    const { username, id } = await register(app.url);
    expect(await times(CLIENT_TRIES, () => attempt({ username: uniqueName('spray'), from }))).toEqual(
      repeated(401, CLIENT_TRIES),
    );
    const refused = await times(TRIES + 1, () => attempt({ username, from }));
    expect(refused).toEqual(repeated(429, TRIES + 1));
    expect(await app.sql('SELECT FROM rate_limits WHERE key = $1', [`login:user:${id}`])).toEqual([]);
    expect((await attempt({ username })).status).toBe(401);
    expect((await attempt({ username, password: PASSWORD })).status).toBe(200);
  });

  it('are not counted for an account that is already throttled', async () => {
    const [from, { username }] = [anotherClient(), await register(app.url)];
    await times(TRIES, () => attempt({ username }));
    expect(await times(CLIENT_TRIES, () => attempt({ username, from }))).toEqual(repeated(429, CLIENT_TRIES));
    expect((await attempt({ username: uniqueName('other'), from })).status).toBe(401);
  });
});
