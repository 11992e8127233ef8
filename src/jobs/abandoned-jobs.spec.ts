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
    expect(jobs.judge([job()], NONE, 0)).toEqual([]);
    expect(jobs.judge([job()], NONE, 4999)).toEqual([]);
    expect(jobs.judge([job()], NONE, 5000)).toEqual([job()]);
  });

  it('leaves a worker its job that was away for a moment', () => {
    const jobs = new AbandonedJobs();
    jobs.judge([job()], NONE, 0);
    jobs.judge([job({ isAlive: true })], NONE, 3000);
    expect(jobs.judge([job()], NONE, 6000)).toEqual([]);
    expect(jobs.judge([job()], NONE, 11_000)).toEqual([job()]);
  });

  it('does not take what was seen before for what was there in between', () => {
    const jobs = new AbandonedJobs();
    jobs.judge([job()], NONE, 0);
    jobs.forget();
    expect(jobs.judge([job()], NONE, 60_000)).toEqual([]);
  });

  it('takes the next job of a worker for another one', () => {
    const jobs = new AbandonedJobs();
    jobs.judge([job({ id: '1' })], NONE, 0);
    expect(jobs.judge([job({ id: '2' })], NONE, 6000)).toEqual([]);
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
    jobs.judge(locked, own, 0);
    expect(jobs.judge(locked, own, 5000).map(({ id }) => id)).toEqual(['2', '3']);
  });
});
