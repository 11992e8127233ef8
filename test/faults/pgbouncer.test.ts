import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { register, session, signedIn, uniqueName } from '../support/accounts.js';
import { Doctor, production } from '../support/doctor-process.js';
import { send } from '../support/http-client.js';
import { PgBouncer, type PgBouncerOptions } from '../support/pgbouncer.js';
import { describeWith } from '../support/programs.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { createDatabase, dropDatabase, query, settingsOf, urlOf } from '../support/test-databases.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const ROLE = 'pooled';

let build: ServiceBuild;
let doctor: Doctor;
let folder: string;
/** A database owned by a role without parameters. */
let database: DatabaseSettings;
let pooler: PgBouncer;
let running: ServiceProcess[] = [];

const administrate = (sql: string) => query({ ...settingsOf('postgres'), database: database.database }, sql);

/** The SQL that the start asks for in transaction mode, with the default DB_STATEMENT_TIMEOUT_MS. */
const LIMITS = `ALTER ROLE ${ROLE} SET statement_timeout = 5000;
                ALTER ROLE ${ROLE} SET idle_in_transaction_session_timeout = 10000`;

async function openPooler(options: PgBouncerOptions): Promise<void> {
  pooler = await PgBouncer.start(database, options);
}

const start = (variables: Record<string, string>): ServiceProcess => {
  const service = build.start({ BCRYPT_ROUNDS: '10', HASH_WAIT_MS: '60000', DATA_DIR: folder, ...variables });
  running.push(service);
  return service;
};

async function cli(
  variables: Record<string, string>,
  ...command: string[]
): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, SECRET_KEY: 'x'.repeat(48), ...variables };
    const child = execFile(
      process.execPath,
      [join(build.folder, 'dist', 'cli.js'), ...command],
      { env, cwd: build.folder },
      (_error, stdout, stderr) => resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}

/** Uses one account, in transactions and outside of them. */
async function useEverything(url: string): Promise<void> {
  const email = `${uniqueName('mail')}@example.com`;
  const account = await register(url, { email });
  // Enqueues a job.
  expect((await send(url, '/api/v1/auth/forgot-password', { body: { email } })).status).toBeLessThan(300);
  const { access_token: token, refresh_token } = await session(url, account);
  expect((await send(url, '/api/v1/users/me', { token })).status).toBe(200);
  expect((await send(url, '/api/v1/auth/refresh', { body: { refresh_token } })).status).toBe(200);
  expect((await send(url, '/api/v1/users/me/export', { token })).status).toBe(200);
}

/** Whether all enqueued jobs are done; scheduled jobs wait for their time. */
const jobsDone = async (): Promise<boolean> => {
  const [row] = await query<{ left: number }>(
    database,
    "SELECT count(*)::int AS left FROM graphile_worker.jobs WHERE key IS NULL OR key NOT LIKE 'schedule %'",
  );
  return row?.left === 0;
};

beforeAll(async () => {
  build = await ServiceBuild.make();
  doctor = await Doctor.make();
  folder = mkdtempSync(join(tmpdir(), 'pgbouncer-data-'));
  await query(settingsOf('postgres'), `CREATE ROLE ${ROLE} LOGIN PASSWORD '${ROLE}-secret-1'`);
});
beforeEach(async () => {
  database = { ...(await createDatabase({ empty: true })), user: ROLE, password: `${ROLE}-secret-1` };
  await administrate(`ALTER DATABASE ${database.database} OWNER TO ${ROLE}; ALTER ROLE ${ROLE} RESET ALL`);
});
afterEach(async () => {
  for (const service of running) service.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  running = [];
  await pooler.stop();
  await dropDatabase(database);
});
afterAll(async () => {
  build.remove();
  doctor.remove();
  rmSync(folder, { recursive: true });
  await query(settingsOf('postgres'), `DROP ROLE ${ROLE}`);
});

describeWith('pgbouncer')('PgBouncer in session mode', () => {
  beforeEach(() => openPooler({ mode: 'session' }));

  it('supports start, migrations, sign-in, refresh, export, jobs and the doctor', async () => {
    const service = start(variablesOf(pooler.settings));
    const url = await service.ready();
    expect(service.output).toContain('migrated the database');
    await Promise.all(Array.from({ length: 6 }, () => useEverything(url)));
    await until(jobsDone);
    const { said } = await doctor.findings(production(pooler.settings, { PGSSLMODE: 'disable' }));
    expect(said).toMatchObject({
      database: expect.stringMatching(/^pass/) as string,
      'database-pooling': 'pass: a pooler assigns a connection to each session',
      'database-migrations': 'pass: the schema is up to date',
    });
    expect((await cli(variablesOf(pooler.settings), 'audit:verify')).exitCode).toBe(0);
    expect(await service.stop()).toBe(0);
  });

  it('applies options of the URL, although PgBouncer does not pass them on', async () => {
    await administrate(`CREATE SCHEMA shop AUTHORIZATION ${ROLE}`);
    const DATABASE_URL = `${urlOf(pooler.settings)}?sslmode=disable&options=-csearch_path%3Dshop`;
    const url = await start({ DATABASE_URL }).ready();
    await useEverything(url);
    expect(await query(database, 'SELECT FROM shop.users')).toHaveLength(1);
    await until(jobsDone);
  });
});

describeWith('pgbouncer')('PgBouncer in transaction mode', () => {
  /** Opens a pooler with fewer server connections than the service has clients. */
  const open = () => openPooler({ mode: 'transaction', poolSize: 3 });
  /** Only new connections of PgBouncer get the role's new parameters. */
  const openWithLimits = async () => {
    await administrate(LIMITS);
    await open();
  };

  const transaction = (more: Record<string, string> = {}) => ({
    ...variablesOf(pooler.settings),
    DATABASE_POOL_MODE: 'transaction',
    ...more,
  });
  const direct = () => ({ DATABASE_DIRECT_URL: urlOf(database) });

  it('is detected if DATABASE_POOL_MODE is session, before any change', async () => {
    await open();
    const service = start(variablesOf(pooler.settings));
    expect(await service.ended).toBe(78);
    expect(service.message).toMatch(
      /cannot be used: a pooler in transaction mode .* set DATABASE_POOL_MODE=transaction/,
    );
    expect(await query(database, "SELECT FROM pg_class WHERE relname = 'users'")).toEqual([]);
  });

  it('is refused while the role lacks its timeouts, with the SQL to set them, as in the doctor', async () => {
    await open();
    const service = start(transaction(direct()));
    expect(await service.ended).toBe(78);
    const [, sql = ''] = /Run (.*;) Then close/.exec(service.message) ?? [];
    const { said } = await doctor.findings(production(pooler.settings, transaction(direct())));
    expect(said['database-pooling']).toMatch(/^fail: the role lacks parameters/);
    await administrate(sql);
    await pooler.stop();
    await open();
    expect(sql.split('; ')).toEqual([
      'ALTER ROLE "pooled" SET statement_timeout = 5000',
      'ALTER ROLE "pooled" SET idle_in_transaction_session_timeout = 10000;',
    ]);
    await start(transaction(direct())).ready();
    const after = await doctor.findings(production(pooler.settings, transaction(direct())));
    expect(after.said['database-pooling']).toMatch(/^pass: .* migrations and jobs use DATABASE_DIRECT_URL/);
  });

  it('supports all features with DATABASE_DIRECT_URL and more requests than connections', async () => {
    await openWithLimits();
    const service = start(transaction({ ...direct(), DB_POOL_SIZE: '10', DB_CONNECT_TIMEOUT_MS: '30000' }));
    const url = await service.ready();
    const accounts = Array.from({ length: 12 }, () => useEverything(url));
    await Promise.all(accounts);
    await until(jobsDone);
    expect(service.output).not.toMatch(/prepared statement|"level":50/);
    const { token } = await signedIn(url);
    const answers = await Promise.all(Array.from({ length: 60 }, () => send(url, '/api/v1/users/me', { token })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await cli(transaction(direct()), 'audit:verify')).exitCode).toBe(0);
    expect(await service.stop()).toBe(0);
  });

  it('leaves no state on shared sessions', async () => {
    await openWithLimits();
    const url = await start(transaction({ ...direct(), DB_STATEMENT_TIMEOUT_MS: '5000' })).ready();
    await useEverything(url);
    const [left] = await query(
      pooler.settings,
      `SELECT current_setting('statement_timeout') AS limit, (SELECT count(*)::int FROM pg_prepared_statements) AS prepared,
              ARRAY(SELECT name FROM pg_settings WHERE source = 'session') AS set`,
    );
    expect(left).toMatchObject({ limit: '5s', prepared: 0 });
    // Except for the parameters that PgBouncer tracks for each client.
    const kept = new Set([
      'application_name',
      'client_encoding',
      'DateStyle',
      'TimeZone',
      'standard_conforming_strings',
    ]);
    expect((left as { set: string[] }).set.filter((name) => !kept.has(name))).toEqual([]);
  });

  it('is refused for pending migrations without DATABASE_DIRECT_URL; later the service runs without jobs', async () => {
    await openWithLimits();
    const refused = start(transaction());
    expect(await refused.ended).toBe(78);
    expect(refused.message).toMatch(/^\d+ migrations are pending .* set DATABASE_DIRECT_URL/);
    expect((await cli(transaction(), 'migration:revert')).output).toMatch(/needs a session of PostgreSQL/);
    expect((await cli(transaction(direct()), 'migration:run')).output).toMatch(/^Ran CreateUsers/m);
    const service = start(transaction());
    const url = await service.ready();
    expect(service.output).toContain('this process runs no jobs (WORKER=off)');
    await Promise.all(Array.from({ length: 6 }, () => useEverything(url)));
    expect(await jobsDone()).toBe(false);
    const { said } = await doctor.findings(production(pooler.settings, transaction()));
    expect(said['database-pooling']).toMatch(
      /^warn: .* DATABASE_DIRECT_URL is not set: this process cannot run jobs or migrations/,
    );
    // Another process, which has a session-mode connection, runs the jobs.
    await start({ ...transaction(direct()), WORKER: 'only' }).ready();
    await until(jobsDone);
  });

  it('is refused with a DATABASE_DIRECT_URL of another database', async () => {
    await openWithLimits();
    const other = await createDatabase({ empty: true });
    const service = start(transaction({ DATABASE_DIRECT_URL: urlOf({ ...database, database: other.database }) }));
    expect(await service.ended).toBe(78);
    expect(service.message).toMatch(/DATABASE_DIRECT_URL leads to .* which is not the same database as/);
    await dropDatabase(other);
  });
});
