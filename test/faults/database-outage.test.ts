import pg from 'pg';
import { DataSource } from 'typeorm';
import { schema } from '../../src/migrations/schema.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { register, type Account, PASSWORD, signedIn, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { Load } from '../support/load.js';
import { DedicatedPostgres } from '../support/dedicated-postgres.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { silentLogger } from '../support/silent-logger.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TestApp } from '../support/test-app.js';
import { query } from '../support/test-databases.js';
import { until } from '../support/until.js';

jest.setTimeout(60_000);

/** Short timeouts, so that the tests reach them soon. */
const SETTINGS = { DB_POOL_SIZE: '3', DB_CONNECT_TIMEOUT_MS: '1000', DB_STATEMENT_TIMEOUT_MS: '1000' };
const UNAVAILABLE = '{"detail":"The database is not available at the moment. Please try again."}';

const WAITING_FOR_LOCKS = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`;

function expectUnavailable(answers: Received[]): void {
  for (const { status, text, headers } of answers) {
    expect([status, text]).toEqual([503, UNAVAILABLE]);
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
  }
}

let postgres: DedicatedPostgres;

beforeAll(async () => {
  postgres = await DedicatedPostgres.start();
  await migrate(postgres.settings, schema, silentLogger);
});
afterAll(() => postgres.stop());

describe('a PostgreSQL that is killed under load', () => {
  let build: ServiceBuild;
  let service: ServiceProcess;
  let url: string;
  let load: Load | undefined;

  beforeAll(async () => {
    build = await ServiceBuild.make();
    service = build.start({ ...variablesOf(postgres.settings), BCRYPT_ROUNDS: '10' });
    url = await service.ready();
  });
  afterEach(() => load?.stop());
  afterAll(async () => {
    await service.stop();
    build.remove();
  });

  it.each(['SIGKILL', 'SIGQUIT'] as const)('causes only 503 responses and loses no account: %s', async (signal) => {
    const { token } = await signedIn(url);
    const clients = new Load(url, token);
    load = clients;
    await until(() => clients.has(200, 5));
    await postgres.crash(signal);
    await until(() => clients.has(503, 5));
    expect(await send(url, '/health')).toMatchObject({ status: 200, body: { status: 'degraded', database: 'down' } });
    await postgres.restart();
    const before = clients.answers.length;
    await until(() => clients.has(200, 5, before));
    await clients.stop();

    const failures = clients.answers.map(({ answer }) => answer).filter(({ status }) => status !== 200);
    expectUnavailable(failures);
    const names = clients.answers.flatMap(({ username, answer }) =>
      username && answer.status === 200 ? username : [],
    );
    const found = await query(postgres.settings, 'SELECT FROM users WHERE username = ANY($1)', [names]);
    expect(found).toHaveLength(names.length);
    expect((await send(url, '/health')).body).toEqual({ status: 'ok', database: 'up' });
  });
});

describe('a PostgreSQL that does not answer', () => {
  let app: TestApp;
  let account: Account & { token: string };
  let proxy: TcpProxy;

  beforeEach(async () => {
    proxy = await TcpProxy.open(postgres.settings.port);
    app = await TestApp.start({ database: { ...postgres.settings, port: proxy.port }, settings: SETTINGS });
    account = await signedIn(app.url);
    // Opens as many connections as the pool may have.
    await Promise.all(Array.from({ length: 6 }, () => signIn()));
  });
  afterEach(async () => {
    await app.stop();
    await proxy.close();
  });

  const pool = () => (app.nest.get(DataSource).driver as unknown as { master: pg.Pool }).master;
  const busy = () => pool().totalCount - pool().idleCount;
  const me = () => send(app.url, '/api/v1/users/me', { token: account.token });
  const signIn = () => send(app.url, '/api/v1/auth/login-json', { body: account });
  const join = () => send(app.url, '/api/v1/auth/register', { body: { username: uniqueName(), password: PASSWORD } });
  const each = (count: number) => Array.from({ length: count }, () => [me(), signIn(), join()]).flat();

  /** Checks that responses are 200 again, the pool is idle, and PostgreSQL runs no statements. */
  async function expectRecovery(): Promise<void> {
    await until(async () => (await Promise.all(each(4))).every(({ status }) => status === 200));
    expect([busy(), pool().waitingCount]).toEqual([0, 0]);
    const working = `SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
                        AND state <> 'idle' AND query NOT LIKE 'BEGIN; LOCK%'`;
    await until(async () => (await query(postgres.settings, working)).length === 0);
  }

  it('causes 503 for every request while it is frozen, and 200 again afterwards', async () => {
    await postgres.freeze();
    try {
      for (let round = 0; round < 2; round += 1) {
        expectUnavailable(await Promise.all(each(4)));
        expect((await send(app.url, '/health')).body).toEqual({ status: 'degraded', database: 'down' });
      }
      await until(() => busy() === 0 && pool().waitingCount === 0);
    } finally {
      postgres.thaw();
    }
    await expectRecovery();
  });

  it('is not queried again over a connection that has timed out', async () => {
    const stranded = pool().totalCount;
    expect(stranded).toBe(3);
    proxy.freeze();
    expectUnavailable(await Promise.all(Array.from({ length: stranded }, signIn)));
    await expectRecovery();
  });

  it('causes 503 after the pool timeout if all connections are blocked, and no connection leaks', async () => {
    const blocker = new pg.Client(postgres.settings);
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
    const answers = Promise.all(each(5));
    await until(() => pool().waitingCount > 0);
    expect(busy()).toBe(3);
    // The health check uses a separate connection.
    expect((await send(app.url, '/health')).body).toEqual({ status: 'ok', database: 'up' });
    expectUnavailable(await answers);
    await until(() => busy() === 0);
    expect(pool().waitingCount).toBe(0);
    // PostgreSQL does not continue statements that no client waits for.
    await until(async () => (await query(postgres.settings, WAITING_FOR_LOCKS)).length === 0);
    await blocker.query('ROLLBACK');
    await blocker.end();
    await expectRecovery();
    await register(app.url);
  });
});
