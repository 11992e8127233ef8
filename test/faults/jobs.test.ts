import pg from 'pg';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { send } from '../support/http-client.js';
import { ServiceBuild, type ServiceProcess, variablesOf } from '../support/service-process.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { until } from '../support/until.js';

jest.setTimeout(60_000);

let build: ServiceBuild;
let database: DatabaseSettings;
let running: ServiceProcess[] = [];

const start = (variables: Record<string, string> = {}): ServiceProcess => {
  const service = build.start({ ...variablesOf(database), BCRYPT_ROUNDS: '10', LOG_LEVEL: 'info', ...variables });
  running.push(service);
  return service;
};
const jobs = () =>
  query<{ name: string; attempts: number; locked: boolean }>(
    database,
    `SELECT task_identifier AS name, attempts, locked_at IS NOT NULL AS locked FROM graphile_worker.jobs ORDER BY jobs.id`,
  );

/** Adds an old dead job and the job jobs.purge, which would delete it. @returns a client whose row lock blocks jobs.purge */
async function holdThePurge(): Promise<pg.Client> {
  await query(
    database,
    `SELECT graphile_worker.add_job('gone', '{}', max_attempts := 1);
     UPDATE graphile_worker._private_jobs
        SET attempts = 1, run_at = now() - interval '40 days', updated_at = now() - interval '40 days'`,
  );
  const holder = new pg.Client({ ...database });
  await holder.connect();
  await holder.query('BEGIN; SELECT FROM graphile_worker._private_jobs FOR UPDATE');
  await query(database, `SELECT graphile_worker.add_job('jobs.purge', '{}')`);
  return holder;
}
const isBegun = async () => (await jobs()).some(({ name, locked }) => name === 'jobs.purge' && locked);

beforeAll(async () => {
  build = await ServiceBuild.make();
});
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  for (const service of running) service.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  running = [];
  await dropDatabase(database);
});
afterAll(() => build.remove());

describe('a process that is killed during a job', () => {
  it('leaves the job to the next process, which runs it once', async () => {
    const holder = await holdThePurge();
    const killed = start({ DB_STATEMENT_TIMEOUT_MS: '60000' });
    await until(isBegun);
    killed.kill('SIGKILL');
    await killed.ended;
    await holder.query('ROLLBACK');
    await holder.end();
    expect(await isBegun()).toBe(true);
    const next = start();
    await next.said(/"jobs":\["jobs\.purge \d+"\],.*released jobs of processes that are gone/);
    await next.said(/"job":"jobs\.purge".*"attempt":2.*"msg":"job done"/);
    await until(async () => (await jobs()).length === 0);
    // Scheduled jobs may run as well.
    expect(next.output.match(/"job":"jobs\.purge".*"msg":"job done"/g)).toHaveLength(1);
  });
});

describe('a process that is stopped during a job', () => {
  it('returns the job to the queue and exits within the drain', async () => {
    const holder = await holdThePurge();
    const service = start({ DB_STATEMENT_TIMEOUT_MS: '60000', DRAIN_SECONDS: '2' });
    await until(isBegun);
    expect(await service.stop()).toBe(0);
    expect(service.output).toMatch(/returned jobs to the queue that did not finish in time/);
    expect(service.output).not.toMatch(/did not close in time/);
    expect((await jobs()).filter(({ name }) => name === 'jobs.purge')).toEqual([
      { name: 'jobs.purge', attempts: 0, locked: false },
    ]);
    await holder.end();
  });
});

describe('WORKER', () => {
  it('set to only makes a process run jobs and serve only health checks and metrics', async () => {
    await query(database, `SELECT graphile_worker.add_job('jobs.purge', '{}')`);
    const service = start({ WORKER: 'only' });
    const url = await service.ready();
    await service.said(/"job":"jobs\.purge".*"msg":"job done"/);
    const status = async (path: string) => (await send(url, path)).status;
    expect(await Promise.all(['/health', '/health/live', '/health/ready', '/metrics'].map(status))).toEqual([
      200, 200, 200, 200,
    ]);
    expect(
      await Promise.all(['/', '/docs', '/openapi.json', '/api/v1/users/me', '/api/v1/auth/login'].map(status)),
    ).toEqual([404, 404, 404, 404, 404]);
    const { text } = await send(url, '/metrics');
    expect(text).toMatch(/jobs_total\{name="jobs\.purge",outcome="done"\} 1\n/);
    await until(async () => /jobs_queue\{state="failed"\} 0\n/.test((await send(url, '/metrics')).text));
  });

  it('set to off makes a process leave jobs to others', async () => {
    await query(database, `SELECT graphile_worker.add_job('jobs.purge', '{}')`);
    const idle = start({ WORKER: 'off' });
    await idle.ready();
    const sessions = await query(
      database,
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'nest-auth-backend jobs'`,
    );
    expect(sessions).toEqual([]);
    expect(await jobs()).toMatchObject([{ name: 'jobs.purge', attempts: 0 }]);
    await start().said(/"job":"jobs\.purge".*"msg":"job done"/);
    expect(idle.output).not.toContain('job done');
  });
});
