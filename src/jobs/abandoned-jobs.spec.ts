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
  it('waits until a worker has shown nothing of itself for some seconds', () => {
    const jobs = new AbandonedJobs();
    expect(jobs.detect([job()], NONE, 0)).toEqual([]);
    expect(jobs.detect([job()], NONE, 4999)).toEqual([]);
    expect(jobs.detect([job()], NONE, 5000)).toEqual([job()]);
  });

  it('leaves a worker its job that was away for a moment', () => {
    const jobs = new AbandonedJobs();
    jobs.detect([job()], NONE, 0);
    jobs.detect([job({ isAlive: true })], NONE, 3000);
    expect(jobs.detect([job()], NONE, 6000)).toEqual([]);
    expect(jobs.detect([job()], NONE, 11_000)).toEqual([job()]);
  });

  it('does not take what was seen before for what was there in between', () => {
    const jobs = new AbandonedJobs();
    jobs.detect([job()], NONE, 0);
    jobs.reset();
    expect(jobs.detect([job()], NONE, 60_000)).toEqual([]);
  });

  it('takes the next job of a worker for another one', () => {
    const jobs = new AbandonedJobs();
    jobs.detect([job({ id: '1' })], NONE, 0);
    expect(jobs.detect([job({ id: '2' })], NONE, 6000)).toEqual([]);
  });

  it('of its own workers knows what they do, whatever their sign is', () => {
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
