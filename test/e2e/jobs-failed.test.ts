import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ConfigurationError } from '../../src/platform/config/configuration-error.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { connectionOptions } from '../../src/platform/database/pg-client.js';
import { FailedJobs } from '../../src/jobs/failed-jobs.js';
import { runCommand } from '../support/command-line.js';
import { JobWorker } from '../support/job-worker.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { until } from '../support/until.js';

let database: DatabaseSettings;

beforeAll(() => Logger.overrideLogger(false));
beforeEach(async () => {
  database = await createDatabase();
  await query(
    database,
    `SELECT graphile_worker.add_job('mail.send', '{"userId": 4711}', max_attempts := 2) FROM generate_series(1, 3);
     UPDATE graphile_worker._private_jobs SET attempts = 2, last_error = E'550 no such box\\u009b2J\\n    at secret.ts' WHERE id <= 2;
     UPDATE graphile_worker._private_jobs SET last_error = NULL WHERE id = 2`,
  );
});
afterEach(() => dropDatabase(database));

const open = async () =>
  (
    await query<{ id: string }>(
      database,
      'SELECT id::text FROM graphile_worker.jobs WHERE attempts = 0 AND run_at <= now() ORDER BY jobs.id',
    )
  ).map(({ id }) => id);

const showFailed = async () => (await runCommand(database, 'jobs:failed')).text;
const retry = async (...words: string[]) => (await runCommand(database, 'jobs:retry', ...words)).text;

describe('cli jobs:failed', () => {
  it('lists each permanently failed job with its last error and without its payload', async () => {
    const text = await showFailed();
    expect(text.split('\n')).toEqual([
      expect.stringMatching(
        /^ +1 {2}mail\.send {2}from \d{4}-\d\d-\d\dT[\d:]{8}Z, 2 attempts: 550 no such box\\u009b2J$/,
      ),
      expect.stringMatching(
        /^ +2 {2}mail\.send {2}from .*, 2 attempts: the process was gone before the last attempt ended$/,
      ),
      'Run jobs:retry ID or jobs:retry --all to retry them.',
    ]);
    expect(text).not.toContain('4711');
  });

  it('lists at most 200 jobs and reports that there may be more', async () => {
    await query(
      database,
      `INSERT INTO graphile_worker._private_jobs (task_id, payload, attempts, max_attempts)
       SELECT task_id, '{}', 2, 2 FROM graphile_worker._private_jobs, generate_series(1, 250) WHERE id = 1`,
    );
    const lines = (await showFailed()).split('\n');
    expect([lines.length, lines[200]]).toEqual([202, 'These are the oldest 200; there may be more.']);
  });

  it('reports that no job has failed', async () => {
    await query(database, 'DELETE FROM graphile_worker._private_jobs WHERE id <= 2');
    expect(await showFailed()).toBe('There are no failed jobs.');
  });
});

describe('cli jobs:retry', () => {
  it('reschedules one failed job or all of them', async () => {
    expect(await retry('2')).toBe('1 job has been enqueued again.');
    expect(await open()).toEqual(['2', '3']);
    expect(await retry('--all')).toMatch(/^1 job has/);
    expect(await open()).toEqual(['1', '2', '3']);
    expect(await retry('--all')).toBe('There are no failed jobs.');
    const done: string[] = [];
    const worker = JobWorker.doing(database, 'mail.send', async (_payload, { jobId }) => void done.push(jobId));
    await until(() => done.length === 3);
    await worker.stop();
    expect(done.toSorted()).toEqual(['1', '2', '3']);
  });

  it('refuses a job that is still being retried and an invalid id', async () => {
    await expect(retry('3')).rejects.toThrow('There is no failed job 3.');
    await expect(retry()).rejects.toThrow(ConfigurationError);
    await expect(retry('1', '--all')).rejects.toThrow(ConfigurationError);
    for (const id of ['', 'mail.send', '-1', '1; DROP TABLE users']) {
      await expect(retry(id)).rejects.toThrow(ConfigurationError);
    }
  });
});

describe('the job jobs.purge', () => {
  it('deletes jobs that failed permanently more than 30 days ago', async () => {
    await query(
      database,
      `UPDATE graphile_worker._private_jobs SET run_at = now() - interval '31 days', updated_at = run_at - interval '31 days'
        WHERE id <> 2;
       UPDATE graphile_worker._private_jobs SET run_at = now() - interval '29 days' WHERE id = 2`,
    );
    const dataSource = new DataSource({
      type: 'postgres',
      installExtensions: false,
      extra: connectionOptions(database),
    });
    const purge = new FailedJobs(await dataSource.initialize());
    await purge.purge();
    await purge.purge();
    await dataSource.destroy();
    const left = await query<{ id: string }>(database, 'SELECT id::text FROM graphile_worker.jobs ORDER BY jobs.id');
    expect(left).toEqual([{ id: '2' }, { id: '3' }]);
  });
});
