import { DataSource } from 'typeorm';
import type pg from 'pg';
import { PASSWORD, signedIn, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';
import { until } from '../support/until.js';

jest.setTimeout(60_000);

describe('the service on a database whose responses are delayed by half a second', () => {
  let app: TestApp;
  let proxy: TcpProxy;
  let token: string;
  let database: Awaited<ReturnType<typeof createDatabase>>;

  beforeAll(async () => {
    database = await createDatabase();
    proxy = await TcpProxy.open(database.port);
    app = await TestApp.start({
      database: { ...database, port: proxy.port },
      settings: { DB_POOL_SIZE: '3', DB_CONNECT_TIMEOUT_MS: '1000' },
    });
    ({ token } = await signedIn(app.url));
  });
  afterAll(async () => {
    await app.stop();
    await proxy.close();
    await dropDatabase(database);
  });

  const pool = () => (app.nest.get(DataSource).driver as unknown as { master: pg.Pool }).master;
  const me = () => send(app.url, '/api/v1/users/me', { token });
  const join = () => send(app.url, '/api/v1/auth/register', { body: { username: uniqueName(), password: PASSWORD } });
  const many = <T>(count: number, ask: () => Promise<T>) => Promise.all(Array.from({ length: count }, ask));
  const statuses = (answers: readonly Received[]) => answers.map(({ status }) => status);

  it('answers every request, with 200 or with 503 and Retry-After', async () => {
    proxy.delayMs = 500;
    const [writes, reads, alive] = await Promise.all([
      many(40, join),
      many(40, me),
      many(40, () => send(app.url, '/health/live')),
    ]);
    proxy.delayMs = 0;
    expect(new Set(statuses([...writes, ...reads]))).toEqual(new Set([200, 503]));
    for (const { status, headers } of [...writes, ...reads]) {
      if (status === 503) expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
    }
    expect(new Set(statuses(alive))).toEqual(new Set([200]));
  });

  it('leaks no connection, and answers 200 to all requests once the delay ends', async () => {
    await until(() => pool().totalCount === pool().idleCount);
    expect(pool().waitingCount).toBe(0);
    expect(new Set(statuses(await many(40, me)))).toEqual(new Set([200]));
    expect((await join()).status).toBe(200);
  });
});
