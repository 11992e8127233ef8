import { collectingLogger } from '../support/collecting-logger.js';
import { anotherClient, send } from '../support/http-client.js';
import { DedicatedRedis } from '../support/dedicated-redis.js';
import { describeWith } from '../support/programs.js';
import { ServiceBuild, variablesOf } from '../support/service-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';
import { until } from '../support/until.js';

const LIMIT = 12;
const WORKERS = 4;
/** The limit of one process of four while it counts alone. */
const SHARE = LIMIT / WORKERS;

/** The limit for a request of a new client: that of all processes, or the share of one. */
async function limitAt(url: string, from = anotherClient()): Promise<number> {
  const answer = await send(url, '/api/v1/users/me', { from });
  expect(answer.status).toBe(401);
  return Number(answer.headers['ratelimit-limit']);
}

const settings = (redis: DedicatedRedis) => ({
  RATE_LIMIT: 'on',
  RATE_LIMIT_REQUESTS_PER_MINUTE: String(LIMIT),
  WORKERS: String(WORKERS),
  REDIS_URL: redis.url,
});

// A request that Redis does not answer within 100 ms is counted by its process alone, which happens on a busy machine.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

describeWith('redis-server')('request limits with Redis', () => {
  let redis: DedicatedRedis;
  let app: TestApp | undefined;
  const { logger, lines } = collectingLogger();
  const warnings = () =>
    lines.filter((line) => /Redis is (unavailable|back)/.test(line)).map((line) => /unavailable|back/.exec(line)?.[0]);

  beforeEach(async () => {
    lines.length = 0;
    redis = await DedicatedRedis.reserve();
  });
  afterEach(async () => {
    await app?.stop();
    app = undefined;
    await redis.stop();
  });

  async function start(): Promise<string> {
    app = await TestApp.start({ settings: settings(redis), logger });
    return app.url;
  }
  const counting = (url: string, limit: number) => until(async () => (await limitAt(url)) === limit);

  it('work without Redis at the start, and use Redis once it is up', async () => {
    const url = await start();
    expect(await limitAt(url)).toBe(SHARE);
    await until(() => warnings().length > 0);
    await redis.start();
    await counting(url, LIMIT);
    expect(warnings()).toEqual(['unavailable', 'back']);
  });

  it('work while Redis is down after a crash, and log one warning at each change', async () => {
    await redis.start();
    const url = await start();
    await counting(url, LIMIT);
    expect(warnings()).toEqual([]);
    for (const changes of [1, 2]) {
      await redis.crash();
      for (let request = 0; request < 20; request += 1) await limitAt(url);
      expect(await limitAt(url)).toBe(SHARE);
      await redis.start();
      await counting(url, LIMIT);
      expect(warnings()).toEqual(Array.from({ length: changes }, () => ['unavailable', 'back']).flat());
    }
  });

  it('work while Redis is frozen, at the start and later', async () => {
    await redis.start();
    redis.freeze();
    const url = await start();
    expect(await limitAt(url)).toBe(SHARE);
    redis.thaw();
    await counting(url, LIMIT);
    lines.length = 0;
    redis.freeze();
    const answers = await Promise.all(Array.from({ length: 20 }, () => limitAt(url)));
    expect(answers).toEqual(answers.map(() => SHARE));
    expect(await limitAt(url)).toBe(SHARE);
    redis.thaw();
    await counting(url, LIMIT);
    expect(warnings()).toEqual(['unavailable', 'back']);
  });

  it.each([
    ['that passes no data', (proxy: TcpProxy) => proxy.freeze()],
    ['whose responses take 5 s', (proxy: TcpProxy) => void (proxy.delayMs = 5000)],
  ])('replace a connection %s', async (_what, spoil) => {
    await redis.start();
    const proxy = await TcpProxy.open(redis.port);
    app = await TestApp.start({
      settings: { ...settings(redis), REDIS_URL: `redis://127.0.0.1:${proxy.port}` },
      logger,
    });
    try {
      await counting(app.url, LIMIT);
      spoil(proxy);
      expect(await limitAt(app.url)).toBe(SHARE);
      proxy.delayMs = 0;
      await counting(app.url, LIMIT);
      expect(warnings()).toEqual(['unavailable', 'back']);
    } finally {
      await proxy.close();
    }
  });

  it('allow each process only its share of the limit without Redis', async () => {
    const url = await start();
    const from = anotherClient();
    for (let request = 0; request < SHARE; request += 1) await limitAt(url, from);
    expect((await send(url, '/api/v1/users/me', { from })).status).toBe(429);
  });

  it('restart the count after Redis data and scripts were flushed, without a warning', async () => {
    await redis.start();
    const url = await start();
    await counting(url, LIMIT);
    const from = anotherClient();
    for (let request = 0; request < LIMIT - 1; request += 1) await limitAt(url, from);
    await redis.ask('flushall');
    await redis.ask('script', 'flush');
    const { headers } = await send(url, '/api/v1/users/me', { from });
    expect([headers['ratelimit-limit'], headers['ratelimit-remaining']]).toEqual([`${LIMIT}`, `${LIMIT - 1}`]);
    expect(warnings()).toEqual([]);
  });
});

describeWith('redis-server')('several processes with one Redis', () => {
  it('count the requests of a client together', async () => {
    const redis = await DedicatedRedis.reserve();
    const database = await createDatabase();
    const build = await ServiceBuild.make();
    await redis.start();
    const services = [0, 1].map(() => build.start({ ...variablesOf(database), ...settings(redis) }));
    try {
      const urls = await Promise.all(services.map((service) => service.ready()));
      for (const url of urls) await until(async () => (await limitAt(url)) === LIMIT);
      const from = anotherClient();
      const ask = (index: number) => send(urls[index % 2] ?? '', '/api/v1/users/me', { from });
      const statuses: number[] = [];
      for (let index = 0; index < LIMIT + 4; index += 1) statuses.push((await ask(index)).status);
      expect(statuses.filter((status) => status === 401)).toHaveLength(LIMIT);
      expect(statuses.slice(-4)).toEqual([429, 429, 429, 429]);
      const { headers } = await ask(0);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
      expect(headers['retry-after']).toBe(headers['ratelimit-reset']);
    } finally {
      await Promise.all(services.map((service) => service.stop()));
      await redis.stop();
      build.remove();
      await dropDatabase(database);
    }
  }, 60_000);
});
