import pg from 'pg';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { startPooler } from '../support/pooler.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { createDatabase, dropDatabase, query, settingsOf } from '../support/test-databases.js';
import { until } from '../support/until.js';

jest.setTimeout(60_000);

const ROLE = 'limited';

let build: ServiceBuild;
/** The database, with a role whose connections PostgreSQL limits. */
let database: DatabaseSettings;
let running: ServiceProcess[] = [];

const administrate = (sql: string) => query({ ...settingsOf('postgres'), database: database.database }, sql);

const start = (variables: Record<string, string>, settings = database): ServiceProcess => {
  const service = build.start({ ...variablesOf(settings), BCRYPT_ROUNDS: '10', ...variables });
  running.push(service);
  return service;
};

beforeAll(async () => {
  build = await ServiceBuild.make();
  database = { ...(await createDatabase({ empty: true })), user: ROLE, password: ROLE };
  await administrate(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${ROLE}'; GRANT CREATE ON SCHEMA public TO ${ROLE};
     GRANT CREATE ON DATABASE ${database.database} TO ${ROLE}`);
});
beforeEach(async () => {
  await administrate(`ALTER ROLE ${ROLE} CONNECTION LIMIT -1; ALTER DATABASE ${database.database} CONNECTION LIMIT -1`);
});
afterEach(async () => {
  for (const service of running) service.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  running = [];
});
afterAll(async () => {
  build.remove();
  await dropDatabase(database);
  await query(settingsOf('postgres'), `DROP ROLE ${ROLE}`);
});

describe('a start that needs more connections than PostgreSQL allows', () => {
  it.each([
    [
      'the server',
      { WORKERS: '40' },
      '',
      /grants 297 connections \(max_connections 300, 3 of them reserved\).* = 591\./,
    ],
    [
      'the role',
      { WORKERS: '4' },
      `ALTER ROLE ${ROLE} CONNECTION LIMIT 40`,
      /grants 40 connections \(CONNECTION LIMIT of the role limited\).* = 87\. Set DB_POOL_SIZE=2,/,
    ],
    [
      'the database',
      { DB_POOL_SIZE: '20' },
      'ALTER DATABASE % CONNECTION LIMIT 20',
      /grants 20 connections \(CONNECTION LIMIT of the database test_\w+\).* = 51\. Set DB_POOL_SIZE=4,/,
    ],
  ])('exits with 78 and prints the sum: limit of %s', async (_what, variables, limit, message) => {
    if (limit) await administrate(limit.replace('%', database.database));
    const service = start(variables);
    expect(await service.ended).toBe(78);
    expect(service.message).toMatch(message);
    expect(service.message.trim().split('\n')).toHaveLength(1);
  });

  it('succeeds with the pool size that the message recommends', async () => {
    await administrate(`ALTER ROLE ${ROLE} CONNECTION LIMIT 40`);
    const service = start({ WORKERS: '4', DB_POOL_SIZE: '2' });
    await service.ready();
    expect(service.output).not.toContain('PostgreSQL grants');
  });

  it('only warns if a single process has enough connections until a reload', async () => {
    await administrate(`ALTER ROLE ${ROLE} CONNECTION LIMIT 20`);
    const service = start({});
    await service.ready();
    expect(service.output).toMatch(
      /PostgreSQL grants 20 .* = 31\. .* only if the old process stops before a new one starts/,
    );
  });

  it('succeeds behind a pooler, which has its own limits', async () => {
    await administrate(`ALTER ROLE ${ROLE} CONNECTION LIMIT 40`);
    const pooler = await startPooler(database);
    const service = start({ WORKERS: '40' }, { ...database, port: pooler.port });
    await service.ready();
    expect(service.output).toContain('connections to PostgreSQL go through a pooler');
    pooler.stop();
  });

  it('exits with 78 for two processes on the embedded database, which serves only one', async () => {
    const service = build.start({ DEBUG: 'True', WORKERS: '2' });
    expect(await service.ended).toBe(78);
    expect(service.message).toMatch(
      /^WORKERS is 2, but no database is configured.* Set DATABASE_URL, or WORKERS=1\.$/m,
    );
  });
});

describe('a service whose connections other clients have taken', () => {
  it('answers 503 with Retry-After (SQLSTATE 53300) until a connection is free', async () => {
    const service = start({ DB_POOL_SIZE: '2', WORKER: 'off' });
    const url = await service.ready();
    const { token } = await signedIn(url);
    const isServed = async (): Promise<boolean> => (await send(url, '/api/v1/users/me', { token })).status === 200;
    await administrate(`ALTER ROLE ${ROLE} CONNECTION LIMIT 1`);
    await administrate(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${ROLE}'`);
    const other = new pg.Client(database);
    await until(async () =>
      other.connect().then(
        () => true,
        () => false,
      ),
    );
    const answer = await send(url, '/api/v1/users/me', { token });
    expect(answer).toMatchObject({
      status: 503,
      body: { detail: expect.stringMatching(/database is not available/) as string },
    });
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    await other.end();
    await until(isServed);
  });
});
