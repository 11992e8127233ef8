import { JobHandlers } from './job-handlers.js';

const nothing = async (): Promise<void> => undefined;

describe('JobHandlers', () => {
  it('knows who does what, and when what is done by itself', () => {
    const handlers = new JobHandlers();
    handlers.register('mail.send', nothing);
    handlers.schedule('tokens.purge', '17 3 * * *', nothing);
    expect([...handlers.all.keys()]).toEqual(['mail.send', 'tokens.purge']);
    expect([...handlers.schedules]).toEqual([['tokens.purge', '17 3 * * *']]);
  });

  it('refuses a second handler of a job, and a time that is none', () => {
    const handlers = new JobHandlers();
    handlers.register('mail.send', nothing);
    expect(() => handlers.register('mail.send', nothing)).toThrow('two handlers of the job mail.send');
    for (const cron of ['17 3 * *', '61 3 * * *', 'daily'])
      expect(() => handlers.schedule('tokens.purge', cron, nothing)).toThrow();
    expect(handlers.all.has('tokens.purge')).toBe(false);
  });
});
