import { graphileLogger, type LogFields } from './graphile-logger.js';

describe('graphileLogger', () => {
  const logged = (write: (logger: ReturnType<typeof graphileLogger>) => void): LogFields[] => {
    const lines: LogFields[] = [];
    write(graphileLogger((fields) => lines.push(fields)));
    return lines;
  };

  it('passes on warnings and errors, with only the error from their metadata', () => {
    const error = new Error('away');
    const job = { payload: { token: 'secret' } };
    expect(logged((logger) => logger.error('Error with notify listener\n  at x', { error, job }))).toEqual([
      { err: error, msg: 'job queue: Error with notify listener' },
    ]);
    expect(logged((logger) => logger.warn('odd', { job }))).toEqual([{ msg: 'job queue: odd' }]);
  });

  it('drops messages that the service logs itself, and those below a warning', () => {
    expect(logged((logger) => logger.error("Failed task 7 (mail.send, 3.1ms) with error 'x'", { job: 1 }))).toEqual([]);
    expect(logged((logger) => logger.info('Completed task 7 (mail.send) with success'))).toEqual([]);
    expect(logged((logger) => logger.scope({ label: 'worker' }).debug('Spawned'))).toEqual([]);
  });
});
