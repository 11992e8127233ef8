import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import type { JobContext } from '../../src/jobs/job-registry.js';
import { PermanentFailure } from '../../src/jobs/permanent-failure.js';
import { JobSender, JobWorker } from '../support/job-worker.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { until } from '../support/until.js';

interface Row {
  id: string;
  name: string;
  attempts: number;
  max: number;
  error: string | null;
  pause: number;
  locked: boolean;
}

let database: DatabaseSettings;
let sender: JobSender;
let workers: JobWorker[];

const rows = () =>
  query<Row>(
    database,
    `SELECT id::text, task_identifier AS name, attempts, max_attempts AS max, last_error AS error, locked_at IS NOT NULL AS locked,
            extract(epoch FROM run_at - now())::float8 AS pause FROM graphile_worker.jobs ORDER BY jobs.id`,
  );
const isEmpty = async () => (await rows()).length === 0;
const working = (...args: Parameters<typeof JobWorker.doing>): JobWorker => {
  const worker = JobWorker.doing(...args);
  workers.push(worker);
  return worker;
};

beforeEach(async () => {
  database = await createDatabase();
  sender = await JobSender.on(database);
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await sender.stop();
  await dropDatabase(database);
});

describe('a job', () => {
  it('commits with its transaction', async () => {
    await expect(sender.addInVain('greet')).rejects.toThrow('rolled back');
    expect(await rows()).toEqual([]);
    await sender.add('greet', { userId: 2 });
    expect(await rows()).toMatchObject([{ name: 'greet', attempts: 0, max: 12, locked: false }]);
  });

  it('runs once with its payload and is removed', async () => {
    const done: unknown[] = [];
    const worker = working(database, 'greet', async (payload, { attempt }) => void done.push([payload, attempt]));
    await sender.add('greet', { userId: 7, kind: 'welcome' });
    await until(isEmpty);
    expect(done).toEqual([[{ userId: 7, kind: 'welcome' }, 1]]);
    expect(await worker.metrics.registry.metrics()).toMatch(/jobs_total\{name="greet",outcome="done"\} 1\n/);
    const [line] = worker.said(/^job done$/);
    expect(line).toMatchObject({ job: 'greet', attempt: 1, id: expect.any(String) as string });
    expect(line).toHaveProperty('waited_ms');
    expect(JSON.stringify(worker.lines)).not.toContain('welcome');
  });

  it('runs in one of several workers', async () => {
    const done: unknown[] = [];
    const handler = async ({ number }: { number?: unknown }) => void done.push(number);
    for (let each = 0; each < 3; each += 1) working(database, 'count', handler, { JOB_CONCURRENCY: '4' });
    const numbers = Array.from({ length: 100 }, (_none, number) => number);
    await Promise.all(numbers.map((number) => sender.add('count', { number })));
    await until(isEmpty);
    expect(done.toSorted((one, other) => Number(one) - Number(other))).toEqual(numbers);
  });
});

describe('a job that fails', () => {
  it('is retried after a growing, randomized delay', async () => {
    const worker = working(database, 'fail', async () => {
      throw new Error('no');
    });
    for (let job = 0; job < 6; job += 1) await sender.add('fail');
    await query(database, `UPDATE graphile_worker._private_jobs SET attempts = 3 WHERE id % 2 = 0`);
    await until(async () => (await rows()).every(({ error, locked }) => error === 'no' && !locked));
    // The library's own delay is exactly e^attempts and shrinks as time passes.
    await until(async () => (await rows()).some(({ attempts, pause }) => pause > Math.exp(attempts)));
    for (const { attempts, pause } of await rows()) {
      const least = Math.exp(attempts);
      expect(pause).toBeLessThanOrEqual(least * 1.25);
      expect(pause).toBeGreaterThan(attempts === 1 ? 0 : least - 20);
    }
    const [line] = worker.said(/^job failed: another attempt follows$/);
    expect(line).toMatchObject({ level: 40, job: 'fail', err: { message: 'no' } });
  });

  it('for the last time is kept, counted, logged and no longer retried', async () => {
    let tries = 0;
    await sender.add('fail');
    await query(database, `UPDATE graphile_worker._private_jobs SET max_attempts = 1`);
    const worker = working(database, 'fail', async () => {
      tries += 1;
      throw new Error('never');
    });
    await until(() => worker.said(/for the last time/).length === 1);
    await until(async () => (await rows()).every(({ locked }) => !locked));
    expect(await rows()).toMatchObject([{ attempts: 1, max: 1, error: 'never' }]);
    expect(worker.said(/for the last time/)).toMatchObject([{ level: 50, job: 'fail', attempt: 1 }]);
    expect(await worker.metrics.registry.metrics()).toMatch(/jobs_total\{name="fail",outcome="dead"\} 1\n/);
    expect(tries).toBe(1);
  });
});

describe('a job with a permanent failure', () => {
  it('is not retried', async () => {
    const worker = working(database, 'fail', async () => {
      throw new PermanentFailure('there is no such address');
    });
    await sender.add('fail');
    await until(async () => (await rows()).every(({ attempts, max, locked }) => attempts === max && !locked));
    expect(await rows()).toMatchObject([{ error: 'there is no such address' }]);
    expect(worker.said(/^job failed/)).toMatchObject([{ level: 50, attempt: 1 }]);
  });
});

describe('stopping a worker', () => {
  /** A job that runs until the test finishes it or the worker aborts it. */
  function slow(): {
    handler: (payload: object, context: JobContext) => Promise<void>;
    begun: number[];
    finish: () => void;
  } {
    const begun: number[] = [];
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const handler = async (_payload: object, { attempt, signal }: JobContext) => {
      begun.push(attempt);
      const cut = new Promise<void>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('cut off'))),
      );
      await Promise.race([finished, cut]);
    };
    return { handler, begun, finish: () => finish() };
  }

  it('waits for the running job and starts no other', async () => {
    const { handler, begun, finish } = slow();
    const worker = working(database, 'slow', handler, { JOB_CONCURRENCY: '1' });
    await sender.add('slow');
    await until(() => begun.length === 1);
    const stopped = worker.stop(30_000);
    await sender.add('slow');
    finish();
    await stopped;
    expect(begun).toEqual([1]);
    expect(await rows()).toMatchObject([{ attempts: 0, locked: false }]);
    expect(worker.said(/returned jobs to the queue/)).toEqual([]);
  });

  it('releases a job that does not finish in time, without counting the attempt', async () => {
    const { handler, begun, finish } = slow();
    const first = working(database, 'slow', handler);
    await sender.add('slow');
    await until(() => begun.length === 1);
    await first.stop(0);
    expect(await rows()).toMatchObject([{ attempts: 0, locked: false, error: null }]);
    expect(first.said(/returned jobs to the queue/)).toHaveLength(1);
    finish();
    working(database, 'slow', handler);
    await until(isEmpty);
    expect(begun).toEqual([1, 1]);
  });

  it('releases a job that ignores the abort signal', async () => {
    const begun: number[] = [];
    const worker = working(database, 'stuck', async (_payload, { attempt }) => {
      begun.push(attempt);
      await new Promise(() => undefined);
    });
    await sender.add('stuck');
    await until(() => begun.length === 1);
    await worker.stop(0);
    expect(await rows()).toMatchObject([{ attempts: 0, locked: false }]);
  });
});
