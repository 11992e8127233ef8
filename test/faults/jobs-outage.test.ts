import { schema } from '../../src/migrations/schema.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { JobSender, JobWorker } from '../support/job-worker.js';
import { DedicatedPostgres } from '../support/dedicated-postgres.js';
import { silentLogger } from '../support/silent-logger.js';
import { query } from '../support/test-databases.js';
import { until } from '../support/until.js';

jest.setTimeout(90_000);

let postgres: DedicatedPostgres;
let worker: JobWorker;
let running: JobWorker[] = [];

const left = () => query(postgres.settings, 'SELECT FROM graphile_worker.jobs');
const start = (...args: ConstructorParameters<typeof JobWorker>): JobWorker => {
  worker = new JobWorker(...args);
  running.push(worker);
  return worker;
};

async function send(name: string): Promise<void> {
  const sender = await JobSender.on(postgres.settings);
  await sender.add(name);
  await sender.stop();
}

beforeAll(async () => {
  postgres = await DedicatedPostgres.start();
  await migrate(postgres.settings, schema, silentLogger);
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
});
afterAll(() => postgres.stop());

describe('a crash of PostgreSQL during a job', () => {
  it('does not repeat the job, which is completed after the restart, and later jobs run', async () => {
    const begun: string[] = [];
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const handler = async (): Promise<void> => {
      begun.push('slow');
      await finished;
    };
    const register = (handlers: { register: (name: string, done: () => Promise<void>) => void }): void => {
      handlers.register('slow', handler);
      handlers.register('quick', async () => void begun.push('quick'));
    };
    // With two workers, one could take over the other's job after both have lost their connections.
    start(postgres.settings, register);
    start(postgres.settings, register);
    await send('slow');
    await until(() => begun.length === 1);
    await postgres.crash('SIGKILL');
    finish();
    await until(() => running.every((one) => one.said(/the jobs wait for the database/).length > 0));
    await postgres.restart();
    await until(async () => (await left()).length === 0);
    await send('quick');
    await until(async () => (await left()).length === 0);
    expect(begun).toEqual(['slow', 'quick']);
    expect(running.flatMap((one) => one.said(/processes that are gone|is restarted/))).toEqual([]);
  });
});

describe('a worker that has lost its connections', () => {
  it('keeps its job and marks itself alive again', async () => {
    const begun: number[] = [];
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const handler = async (_payload: unknown, { attempt }: { attempt: number }): Promise<void> => {
      begun.push(attempt);
      await finished;
    };
    const others = start(postgres.settings, (registry) => registry.register('other', async () => undefined));
    start(postgres.settings, (registry) => registry.register('long', handler));
    await send('long');
    await until(() => begun.length === 1);
    const isShown = `SELECT FROM graphile_worker.jobs JOIN pg_locks ON objid::bigint = hashtext(locked_by)::bigint & 4294967295`;
    await until(async () => (await query(postgres.settings, isShown)).length === 1);
    await query(
      postgres.settings,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nest-auth-backend jobs'`,
    );
    // The worker's lock is back long before others would take over its job.
    await until(async () => (await query(postgres.settings, isShown)).length === 1);
    finish();
    await until(async () => (await left()).length === 0);
    expect(begun).toEqual([1]);
    expect(others.said(/processes that are gone/)).toEqual([]);
  });

  it('stops in time while the database is down', async () => {
    start(postgres.settings, (registry) => registry.register('none', async () => undefined));
    await postgres.crash('SIGKILL');
    await until(() => worker.said(/the jobs wait for the database/).length > 0);
    // Without a running job it does not use its ten minutes.
    await worker.stop(600_000);
    await postgres.restart();
  });
});
