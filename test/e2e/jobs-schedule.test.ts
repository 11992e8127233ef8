import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { JobWorker } from '../support/job-worker.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { until } from '../support/until.js';

const TrueDate = Date;

/** Sets the clock of this process back to shortly before the last full minute, on every call. */
function goBackBeforeTheMinute(): void {
  const now = TrueDate.now();
  const behindMs = (now + 1500) % 60_000;
  globalThis.Date = class extends TrueDate {
    constructor(...parts: unknown[]) {
      super(...((parts.length === 0 ? [TrueDate.now() - behindMs] : parts) as [number]));
    }

    static override now(): number {
      return TrueDate.now() - behindMs;
    }
  } as DateConstructor;
}

let database: DatabaseSettings;
let workers: JobWorker[] = [];

beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  globalThis.Date = TrueDate;
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
  await dropDatabase(database);
});

describe('a scheduled job', () => {
  it('runs in one of several processes, with an empty payload', async () => {
    const done: unknown[] = [];
    goBackBeforeTheMinute();
    for (let each = 0; each < 3; each += 1) {
      workers.push(
        new JobWorker(database, (registry) => {
          registry.schedule('tidy', '* * * * *', async (payload) => void done.push(payload));
          // A date that does not exist.
          registry.schedule('never', '* * 31 2 *', async () => void done.push('never'));
        }),
      );
    }
    await until(() => done.length > 0);
    // Leaves time for the other workers to run it too.
    await sleep(1000);
    expect(done).toEqual([{}]);
    expect(await query(database, 'SELECT FROM graphile_worker.jobs')).toEqual([]);
    const known = await query(
      database,
      'SELECT identifier, last_execution IS NOT NULL AS ran FROM graphile_worker._private_known_crontabs ORDER BY 1',
    );
    expect(known).toEqual([
      { identifier: 'never', ran: false },
      { identifier: 'tidy', ran: true },
    ]);
  });

  it('is not run later for times at which no worker was running', async () => {
    await query(
      database,
      `INSERT INTO graphile_worker._private_known_crontabs (identifier, known_since, last_execution)
       VALUES ('tidy', now() - interval '3 days', now() - interval '2 days')`,
    );
    const done: string[] = [];
    const missed = new Date(Date.now() - 120_000);
    const time = `${missed.getUTCMinutes()} ${missed.getUTCHours()} * * *`;
    workers.push(
      new JobWorker(database, (registry) => {
        registry.schedule('tidy', time, async () => void done.push('tidy'));
        registry.schedule('new', time, async () => void done.push('new'));
      }),
    );
    // The worker registers the new job when it reads the schedule.
    const known = `SELECT FROM graphile_worker._private_known_crontabs WHERE identifier = 'new'`;
    await until(async () => (await query(database, known)).length === 1);
    await sleep(1000);
    const late = `SELECT FROM graphile_worker._private_known_crontabs WHERE last_execution > now() - interval '1 day'`;
    expect([done, await query(database, late)]).toEqual([[], []]);
  });
});
