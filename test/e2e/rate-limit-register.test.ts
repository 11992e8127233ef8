import { connect } from 'node:net';
import { HashThreadPool } from '../../src/auth/passwords/hashing/hash-thread-pool.js';
import { overloadedFor } from '../../src/auth/passwords/hashing/hash-queue.errors.js';
import { PasswordHasher } from '../../src/auth/passwords/password-hasher.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { PASSWORD, uniqueName } from '../support/accounts.js';
import { anotherClient, type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const LIMIT = 4;

let app: TestApp;
const registerFrom = (from: string, fields: object = {}): Promise<Received> =>
  send(app.url, '/api/v1/auth/register', { from, body: { username: uniqueName(), password: PASSWORD, ...fields } });

/** Blocks callers until `count` of them have arrived. */
function barrier(count: number): () => Promise<void> {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let arrived = 0;
  return async () => {
    arrived += 1;
    if (arrived === count) open();
    await opened;
  };
}

afterEach(() => jest.restoreAllMocks());

describe('registrations of one client', () => {
  beforeAll(async () => {
    app = await TestApp.start({ settings: { RATE_LIMIT: 'on', RATE_LIMIT_REGISTER_PER_HOUR: String(LIMIT) } });
  });
  afterAll(() => app.stop());

  it('are refused beyond the hourly limit before hashing, unlike those of other clients', async () => {
    const from = anotherClient();
    for (let left = LIMIT - 1; left >= 0; left -= 1) {
      const { status, headers } = await registerFrom(from);
      expect([status, headers['ratelimit-limit'], headers['ratelimit-remaining']]).toEqual([200, '4', String(left)]);
    }
    const hash = jest.spyOn(app.nest.get(HashThreadPool), 'hash');
    const refused = await registerFrom(from);
    expect([refused.status, refused.text]).toEqual([
      429,
      '{"detail":"Too many registrations. Please try again later."}',
    ]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3500);
    expect(hash).not.toHaveBeenCalled();
    expect((await registerFrom(anotherClient())).status).toBe(200);
  });

  it('stay within the limit when they arrive at the same time', async () => {
    const from = anotherClient();
    const answers = await Promise.all(Array.from({ length: 12 }, () => registerFrom(from)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array(LIMIT).fill(200),
      ...Array(8).fill(429),
    ]);
  });

  it('count if the username is taken, which limits probing', async () => {
    const from = anotherClient();
    const username = uniqueName();
    await registerFrom(anotherClient(), { username });
    for (let time = 0; time < LIMIT; time += 1) expect((await registerFrom(from, { username })).status).toBe(400);
    expect((await registerFrom(from, { username })).status).toBe(429);
  });

  const placesOf = async (from: string) => {
    const [row] = await app.sql<{ points: number }>('SELECT points FROM rate_limits WHERE key = $1', [
      `register:client:${from}`,
    ]);
    return row?.points ?? 0;
  };

  it('do not count if they are invalid', async () => {
    const from = anotherClient();
    for (let time = 0; time <= LIMIT; time += 1) expect((await registerFrom(from, { username: 'x' })).status).toBe(422);
    expect(await placesOf(from)).toBe(0);
  });

  it('count if they fail after the username is looked up: a full hash queue, a lost race', async () => {
    const from = anotherClient();
    const hash = jest.spyOn(app.nest.get(PasswordHasher), 'hash').mockRejectedValueOnce(overloadedFor(1));
    expect((await registerFrom(from)).status).toBe(503);
    expect(await placesOf(from)).toBe(1);
    const together = barrier(LIMIT - 1);
    hash.mockImplementation(async () => {
      await together();
      return 'a hash';
    });
    const username = uniqueName();
    const race = await Promise.all(Array.from({ length: LIMIT - 1 }, () => registerFrom(from, { username })));
    expect(race.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await registerFrom(from)).status).toBe(429);
  });
});

describe('a registration whose client disconnects', () => {
  beforeAll(async () => {
    app = await TestApp.start({
      settings: {
        RATE_LIMIT: 'on',
        RATE_LIMIT_REGISTER_PER_HOUR: String(LIMIT),
        HASH_THREADS: '1',
        HASH_WAIT_MS: '60000',
      },
    });
  });
  afterAll(() => app.stop());

  /** The number of passwords in the hash queue, whose usernames have been looked up. */
  const waiting = async (): Promise<number> => {
    const metric = await app.nest.get(Metrics).registry.getSingleMetric('auth_hash_queue_length')?.get();
    return metric?.values[0]?.value ?? 0;
  };

  it('counts, so that usernames cannot be probed without limit', async () => {
    let finish: (hash: { result: string; durationMs: number }) => void = () => undefined;
    const hash = jest.spyOn(app.nest.get(HashThreadPool), 'hash');
    hash.mockReturnValueOnce(new Promise((resolve) => (finish = resolve)));
    const head = registerFrom(anotherClient());
    await until(() => hash.mock.calls.length === 1);
    const from = anotherClient();
    for (let time = 1; time <= LIMIT; time += 1) {
      const body = JSON.stringify({ username: uniqueName(), password: PASSWORD });
      const socket = connect({ port: Number(new URL(app.url).port), host: '127.0.0.1', localAddress: from });
      socket.write(
        `POST /api/v1/auth/register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      await until(async () => (await waiting()) === 1);
      socket.destroy();
      await until(async () => (await waiting()) === 0);
    }
    expect((await registerFrom(from)).status).toBe(429);
    finish({ result: 'a hash', durationMs: 1 });
    expect((await head).status).toBe(200);
  });
});

describe('RATE_LIMIT=off', () => {
  beforeAll(async () => {
    app = await TestApp.start({
      settings: {
        RATE_LIMIT: 'off',
        RATE_LIMIT_REQUESTS_PER_MINUTE: '1',
        RATE_LIMIT_REGISTER_PER_HOUR: '1',
        RATE_LIMIT_LOGIN_ACCOUNT: '1',
        RATE_LIMIT_LOGIN_CLIENT: '1',
      },
    });
  });
  afterAll(() => app.stop());

  it('disables all limits, their headers and their counters', async () => {
    const from = anotherClient();
    const username = uniqueName();
    const answers = [await registerFrom(from, { username }), await registerFrom(from)];
    for (const password of ['wrong-password', 'wrong-password', PASSWORD]) {
      answers.push(await send(app.url, '/api/v1/auth/login-json', { from, body: { username, password } }));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 401, 200]);
    for (const { headers } of answers)
      expect(Object.keys(headers).filter((name) => name.startsWith('ratelimit'))).toEqual([]);
    expect(await app.sql('SELECT FROM rate_limits')).toEqual([]);
  });
});
