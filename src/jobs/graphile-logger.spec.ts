import { graphileLogger, type LogFields } from './graphile-logger.js';

describe('graphileLogger', () => {
  const told = (speak: (logger: ReturnType<typeof graphileLogger>) => void): LogFields[] => {
    const lines: LogFields[] = [];
    speak(graphileLogger((fields) => lines.push(fields)));
    return lines;
  };

  it('passes on warnings and errors, with the error alone of what is told beside them', () => {
    const error = new Error('away');
    const job = { payload: { token: 'secret' } };
    expect(told((logger) => logger.error('Error with notify listener\n  at x', { error, job }))).toEqual([
      { err: error, msg: 'job queue: Error with notify listener' },
    ]);
    expect(told((logger) => logger.warn('odd', { job }))).toEqual([{ msg: 'job queue: odd' }]);
  });

  it('keeps to itself what has a line of ours, and what is no trouble', () => {
    expect(told((logger) => logger.error("Failed task 7 (mail.send, 3.1ms) with error 'x'", { job: 1 }))).toEqual([]);
    expect(told((logger) => logger.info('Completed task 7 (mail.send) with success'))).toEqual([]);
    expect(told((logger) => logger.scope({ label: 'worker' }).debug('Spawned'))).toEqual([]);
  });
});
