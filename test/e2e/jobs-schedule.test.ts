import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { JobWorker } from '../support/job-worker.js';
import { createDatabase, dropDatabase, query } from '../support/test-databases.js';
import { until } from '../support/until.js';

const TrueDate = Date;

/** Sets the wall clock of this process back to shortly before the last full minute, as often as it is called. */
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

describe('a job that is done at a time', () => {
  it('is done once, whichever of several processes does it, and is told nothing', async () => {
    const done: unknown[] = [];
    goBackBeforeTheMinute();
    for (let each = 0; each < 3; each += 1) {
      workers.push(
        new JobWorker(database, (registry) => {
          registry.schedule('tidy', '* * * * *', async (payload) => void done.push(payload));
          // Another day than any: its minute never comes.
          registry.schedule('never', '* * 31 2 *', async () => void done.push('never'));
        }),
      );
    }
    await until(() => done.length > 0);
    // Time for the two others to do it as well.
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

  it('is not made up for after a time in which nobody did jobs', async () => {
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
    // It has looked once it knows the other.
    const known = `SELECT FROM graphile_worker._private_known_crontabs WHERE identifier = 'new'`;
    await until(async () => (await query(database, known)).length === 1);
    await sleep(1000);
    const late = `SELECT FROM graphile_worker._private_known_crontabs WHERE last_execution > now() - interval '1 day'`;
    expect([done, await query(database, late)]).toEqual([[], []]);
  });
});
