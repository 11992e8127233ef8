import { JobHandlers } from './job-registry.js';

const nothing = async (): Promise<void> => undefined;

describe('JobHandlers', () => {
  it('has every handler, and the times of those with a schedule', () => {
    const handlers = new JobHandlers();
    handlers.register('mail.send', nothing);
    handlers.schedule('tokens.purge', '17 3 * * *', nothing);
    expect([...handlers.all.keys()]).toEqual(['mail.send', 'tokens.purge']);
    expect([...handlers.schedules]).toEqual([['tokens.purge', '17 3 * * *']]);
  });

  it('refuses a second handler of a job, and an invalid time', () => {
    const handlers = new JobHandlers();
    handlers.register('mail.send', nothing);
    expect(() => handlers.register('mail.send', nothing)).toThrow('The job mail.send has two handlers.');
    for (const cron of ['17 3 * *', '61 3 * * *', 'daily'])
      expect(() => handlers.schedule('tokens.purge', cron, nothing)).toThrow('the schedule of tokens.purge');
    expect(handlers.all.has('tokens.purge')).toBe(false);
  });
});
