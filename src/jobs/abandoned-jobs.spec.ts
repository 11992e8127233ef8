import { AbandonedJobs, type LockedJob, type OwnWorkers } from './abandoned-jobs.js';

const job = (changes: Partial<LockedJob> = {}): LockedJob => ({
  id: '1',
  name: 'mail.send',
  worker: 'gone',
  isAlive: false,
  ...changes,
});
const NONE: OwnWorkers = new Map();

describe('AbandonedJobs', () => {
  it('waits until a worker has been gone for five seconds', () => {
    const jobs = new AbandonedJobs();
    expect(jobs.detect([job()], NONE, 0)).toEqual([]);
    expect(jobs.detect([job()], NONE, 4999)).toEqual([]);
    expect(jobs.detect([job()], NONE, 5000)).toEqual([job()]);
  });

  it('leaves the job to a worker that was gone only briefly', () => {
    const jobs = new AbandonedJobs();
    jobs.detect([job()], NONE, 0);
    jobs.detect([job({ isAlive: true })], NONE, 3000);
    expect(jobs.detect([job()], NONE, 6000)).toEqual([]);
    expect(jobs.detect([job()], NONE, 11_000)).toEqual([job()]);
  });

  it('does not rely on observations from before a reset', () => {
    const jobs = new AbandonedJobs();
    jobs.detect([job()], NONE, 0);
    jobs.reset();
    expect(jobs.detect([job()], NONE, 60_000)).toEqual([]);
  });

  it('observes the next job of a worker separately', () => {
    const jobs = new AbandonedJobs();
    jobs.detect([job({ id: '1' })], NONE, 0);
    expect(jobs.detect([job({ id: '2' })], NONE, 6000)).toEqual([]);
  });

  it('trusts what the workers of its own process run, not their locks', () => {
    const jobs = new AbandonedJobs();
    const own: OwnWorkers = new Map([
      ['busy', '1'],
      ['idle', undefined],
    ]);
    const locked = [
      job({ worker: 'busy', id: '1' }),
      job({ worker: 'idle', id: '2', isAlive: true }),
      job({ worker: 'busy', id: '3', isAlive: true }),
    ];
    jobs.detect(locked, own, 0);
    expect(jobs.detect(locked, own, 5000).map(({ id }) => id)).toEqual(['2', '3']);
  });
});
