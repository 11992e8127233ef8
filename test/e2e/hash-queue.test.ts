import { lookup } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';
import { HashQueue } from '../../src/auth/passwords/hashing/hash-queue.js';
import { overloadedFor } from '../../src/auth/passwords/hashing/hash-queue.errors.js';
import { HashThreadPool } from '../../src/auth/passwords/hashing/hash-thread-pool.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { UsersService } from '../../src/users/users.service.js';
import { PASSWORD, register, signedIn, uniqueName } from '../support/accounts.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const LOGIN = '/api/v1/auth/login-json';
const CROWD = 100;
const A_QUEUE = 5;
/** A hash takes about a tenth of a second, so that the queue fills up. */
const COST = 10;

async function inParallel<T>(times: number, ask: (number: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, async (_, number) => ask(number)));
}

function expectOverloaded({ headers, text }: Received): void {
  expect(text).toBe('{"detail":"Too many passwords are being checked at the moment. Please try again."}');
  expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
}

/** The value of a metric without labels. */
async function figure(app: TestApp, name: string): Promise<number> {
  const metric = await app.nest.get(Metrics).registry.getSingleMetric(name)?.get();
  return metric?.values[0]?.value ?? Number.NaN;
}

describe('the hash queue under overload', () => {
  let app: TestApp;

  beforeAll(async () => {
    const settings = { HASH_THREADS: '1', HASH_WAIT_MS: '1500', TRUST_PROXY: '1' };
    app = await TestApp.start({ settings, bcryptRounds: COST });
  });
  afterAll(() => app.stop());
  afterEach(() => jest.restoreAllMocks());

  const login = async (username: string, password: string, client = '203.0.113.1') =>
    send(app.url, LOGIN, { body: { username, password }, headers: { 'x-forwarded-for': client } });

  it.each([
    ['JSON', { path: LOGIN, encode: (fields: Record<string, string>) => fields }],
    ['form', { path: '/api/v1/auth/login', encode: (fields: Record<string, string>) => new URLSearchParams(fields) }],
  ])('answers 100 concurrent logins by %s with a result or with 503 and Retry-After', async (_, { path, encode }) => {
    const { username } = await register(app.url);
    const compare = jest.spyOn(HashThreadPool.prototype, 'compare');
    const answers = await inParallel(CROWD, async (number) => {
      const password = number % 2 ? PASSWORD : 'wrong-password';
      return send(app.url, path, { body: encode({ username, password }) });
    });
    const refused = answers.filter(({ status }) => status === 503);
    refused.forEach(expectOverloaded);
    const results = answers.filter(({ status }) => status === 200 || status === 401);
    expect(results.length + refused.length).toBe(CROWD);
    expect(compare).toHaveBeenCalledTimes(results.length);
    expect(results.length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(CROWD / 2);
  });

  it('lets one of 100 concurrent registrations of a username succeed and refuses the others with 400 or 503', async () => {
    const username = uniqueName('crowd');
    const answers = await inParallel(CROWD, async () =>
      send(app.url, '/api/v1/auth/register', { body: { username, password: PASSWORD } }),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const others = answers.filter(({ status }) => status !== 200);
    expect(others.filter(({ status }) => status !== 400 && status !== 503)).toEqual([]);
    others.filter(({ status }) => status === 503).forEach(expectOverloaded);
    expect(await app.sql('SELECT FROM users WHERE username = $1', [username])).toHaveLength(1);
  });

  it('serves the single login of a client while another one fills the queue', async () => {
    const { username } = await register(app.url);
    const crowd = inParallel(CROWD, async () => login(uniqueName(), PASSWORD));
    await until(async () => (await figure(app, 'auth_hash_queue_length')) > 0);
    expect((await login(username, PASSWORD, '198.51.100.7')).status).toBe(200);
    await crowd;
  });

  it.each([
    ['login', LOGIN],
    ['registration', '/api/v1/auth/register'],
  ])('does not query the database for a %s that it will refuse', async (_, path) => {
    jest.spyOn(app.nest.get(HashQueue), 'reserve').mockImplementation(async () => {
      throw overloadedFor(2);
    });
    const users = app.nest.get(UsersService);
    const lookUps = [jest.spyOn(users, 'findByUsername'), jest.spyOn(users, 'requireAvailable')];
    const answer = await send(app.url, path, { body: { username: uniqueName(), password: PASSWORD } });
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('2');
    expectOverloaded(answer);
    for (const lookUp of lookUps) expect(lookUp).not.toHaveBeenCalled();
  });
});

describe('the hash queue with all threads busy', () => {
  let app: TestApp;
  let lines: string[];

  beforeAll(async () => {
    const collecting = collectingLogger();
    ({ lines } = collecting);
    const settings = { HASH_THREADS: '4', HASH_WAIT_MS: '60000' };
    app = await TestApp.start({ settings, bcryptRounds: 12, logger: collecting.logger });
  });
  afterAll(() => app.stop());

  it('does not delay other requests or DNS look-ups', async () => {
    const { username, token } = await signedIn(app.url);
    const ended: string[] = [];
    const logins = inParallel(8, async () => {
      await send(app.url, LOGIN, { body: { username, password: 'wrong-password' } });
      ended.push('login');
    });
    await until(async () => (await figure(app, 'auth_hash_queue_length')) === 4);
    await lookup('localhost');
    await inParallel(20, async () => send(app.url, '/api/v1/users/me', { token }));
    expect(ended).toEqual([]);
    await logins;
  });

  it('removes 200 disconnected clients from the queue without logging an error', async () => {
    const body = JSON.stringify({ username: uniqueName(), password: PASSWORD });
    const request = `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const sockets: Socket[] = Array.from({ length: 200 }, () => {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
      socket.on('error', () => undefined).write(request);
      return socket;
    });
    // The service may refuse clients that it does not expect to serve within a minute.
    await until(async () => (await figure(app, 'auth_hash_queue_length')) > A_QUEUE);
    for (const socket of sockets) socket.destroy();
    await until(async () => (await figure(app, 'auth_hash_queue_length')) === 0);
    await until(async () => (await figure(app, 'auth_hash_running')) === 0);
    expect(await figure(app, 'auth_hash_abandoned_total')).toBeGreaterThan(A_QUEUE);
    expect(lines.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)).toEqual([]);
    await signedIn(app.url);
  });
});
