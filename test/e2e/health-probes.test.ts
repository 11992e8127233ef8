import pg from 'pg';
import { DrainState } from '../../src/platform/http/drain-state.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase, query, settingsOf } from '../support/test-databases.js';
import { until } from '../support/until.js';

const TOKEN = 'a-token-that-prometheus-knows';
const REMOTE = { 'x-forwarded-for': '203.0.113.9' };
const OWN_CONNECTIONS = `SELECT pid FROM pg_stat_activity
  WHERE application_name = 'nest-auth-backend health' AND datname = current_database()`;

describe('health probes', () => {
  let app: TestApp;

  beforeEach(async () => {
    app = await TestApp.start({ settings: { METRICS_TOKEN: TOKEN, DB_POOL_SIZE: '1' } });
  });
  afterEach(() => app.stop());

  const ask = async (path: 'live' | 'ready'): Promise<Received> => send(app.url, `/health/${path}`);
  const askRemotely = async (headers: Record<string, string> = {}): Promise<Received> =>
    send(app.url, '/health/ready', { headers: { ...REMOTE, ...headers } });
  const connections = async (): Promise<number> => (await app.sql(OWN_CONNECTIONS)).length;

  describe('GET /health/live', () => {
    it('responds with 200 without a database and opens no connection', async () => {
      await dropDatabase(app.database);
      expect(await ask('live')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
      expect((await ask('ready')).status).toBe(503);
      await query(settingsOf('postgres'), `CREATE DATABASE ${app.database.database}`);
      expect((await ask('live')).text).toBe('{"status":"ok"}');
      expect(await connections()).toBe(0);
    });
  });

  describe('GET /health/ready', () => {
    it('responds with all details to a local client and to a client with the token', async () => {
      const details = {
        status: 'ok',
        database: 'up',
        database_latency_ms: expect.any(Number),
        migrations: 'done',
        draining: false,
        uptime_seconds: expect.any(Number),
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        node: process.version,
        pid: process.pid,
      };
      expect(await ask('ready')).toMatchObject({ status: 200, body: details });
      expect((await askRemotely({ authorization: `Bearer ${TOKEN}` })).body).toEqual(details);
    });

    it('responds with only the status to other clients', async () => {
      for (const answer of [await askRemotely(), await askRemotely({ authorization: 'Bearer wrong' })]) {
        expect(answer).toMatchObject({ status: 200, text: '{"status":"ok"}' });
      }
      await dropDatabase(app.database);
      const answer = await askRemotely();
      expect(answer).toMatchObject({ status: 503, text: '{"status":"unavailable"}' });
      expect(answer.headers).toMatchObject({ 'retry-after': '2', 'cache-control': 'no-store' });
      expect((await ask('ready')).body).toMatchObject({
        status: 'unavailable',
        database: 'down',
        migrations: 'unknown',
      });
    });

    it('responds with 503 while a migration is pending and ignores unknown newer ones', async () => {
      await app.sql("INSERT INTO schema_migrations (timestamp, name) VALUES (1, 'OfTheNextVersion1')");
      expect(await ask('ready')).toMatchObject({ status: 200, body: { migrations: 'done' } });
      await app.sql("UPDATE schema_migrations SET name = name || 'x' WHERE name LIKE 'CreateUsers%'");
      await until(async () => (await ask('ready')).status === 503);
      expect((await ask('ready')).body).toMatchObject({ database: 'up', migrations: 'pending' });
      await app.sql('DROP TABLE schema_migrations');
      expect((await ask('ready')).body).toMatchObject({ database: 'up', migrations: 'pending' });
    });

    it('responds with 503 while the process drains, unlike the liveness probe', async () => {
      app.nest.get(DrainState).begin();
      expect(await ask('ready')).toMatchObject({ status: 503, body: { status: 'unavailable', draining: true } });
      expect((await ask('live')).status).toBe(200);
      expect((await send(app.url, '/health')).body).toEqual({ status: 'degraded', database: 'up' });
    });

    it('does not wait for a connection of the pool', async () => {
      const blocker = new pg.Client({ ...app.database, ssl: false });
      await blocker.connect();
      await blocker.query('BEGIN; LOCK TABLE users');
      const body = { username: 'somebody', password: 'secure123' };
      const blocked = [1, 2, 3].map(() => send(app.url, '/api/v1/auth/login-json', { body }));
      await until(async () => (await waiting()) === 1);
      expect(await ask('ready')).toMatchObject({ status: 200, body: { database: 'up' } });
      expect(await waiting()).toBe(1);
      await blocker.query('ROLLBACK');
      await blocker.end();
      await Promise.all(blocked);
    });

    const waiting = async (): Promise<number> =>
      (
        await app.sql(
          "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
        )
      ).length;

    it('answers many concurrent requests with one query on one connection', async () => {
      const queries = jest.spyOn(pg.Client.prototype, 'query');
      try {
        const answers = await Promise.all(Array.from({ length: 50 }, () => ask('ready')));
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
        expect(queries.mock.calls.filter(([sql]) => JSON.stringify(sql).includes('schema_migrations'))).toHaveLength(1);
      } finally {
        queries.mockRestore();
      }
      expect(await connections()).toBe(1);
    });

    it('replaces a lost connection', async () => {
      expect((await ask('ready')).status).toBe(200);
      const [old] = await app.sql<{ pid: number }>(OWN_CONNECTIONS);
      await app.sql('SELECT pg_terminate_backend($1)', [old?.pid]);
      await until(async () => (await connections()) === 0);
      await until(async () => (await ask('ready')).status === 200 && (await connections()) === 1);
      expect(await app.sql(OWN_CONNECTIONS)).not.toEqual([old]);
    });
  });
});

describe('stopping the service', () => {
  it('closes the connection of the health probes', async () => {
    const database = await createDatabase();
    const app = await TestApp.start({ database });
    await send(app.url, '/health/ready');
    expect(await query(database, OWN_CONNECTIONS)).toHaveLength(1);
    await app.stop();
    await until(async () => (await query(database, OWN_CONNECTIONS)).length === 0);
    await dropDatabase(database);
  });
});
