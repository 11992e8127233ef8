import { JobRegistry } from './job-registry.js';

const nothing = async (): Promise<void> => undefined;

describe('JobRegistry', () => {
  it('has all handlers, and the schedules of those that have one', () => {
    const registry = new JobRegistry();
    registry.register('mail.send', nothing);
    registry.schedule('tokens.purge', '17 3 * * *', nothing);
    expect([...registry.all.keys()]).toEqual(['mail.send', 'tokens.purge']);
    expect([...registry.schedules]).toEqual([['tokens.purge', '17 3 * * *']]);
  });

  it('rejects a second handler of a job, and an invalid schedule', () => {
    const registry = new JobRegistry();
    registry.register('mail.send', nothing);
    expect(() => registry.register('mail.send', nothing)).toThrow('The job mail.send has two handlers.');
    for (const cron of ['17 3 * *', '61 3 * * *', 'daily'])
      expect(() => registry.schedule('tokens.purge', cron, nothing)).toThrow('the schedule of tokens.purge');
    expect(registry.all.has('tokens.purge')).toBe(false);
  });
});
