import '../../settings/environment.js';
import { createLogger, createPlainLogger, isDebugging, type LoggingOptions } from './logger.js';

/** A logger with the lines that it has written. */
function collect(options: Partial<LoggingOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ level: 'trace', readable: false, destination, ...options });
  return { logger, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const failure = () =>
  Object.assign(new TypeError('it failed'), { code: '23505', detail: 'Key (email)=(secret)', parameters: ['secret'] });

describe('createLogger', () => {
  it('writes one JSON line per event, with level, time, process and fields', () => {
    const { logger, lines, parsed } = collect();
    logger.info({ status: 200 }, 'a "request"\nof two lines');
    expect(lines).toEqual([expect.stringMatching(/^[^\n]+\n$/)]);
    const [line] = parsed();
    expect(line).toEqual({
      level: 30,
      time: expect.any(String) as string,
      pid: process.pid,
      status: 200,
      msg: 'a "request"\nof two lines',
    });
    expect(new Date(String(line?.time)).toISOString()).toBe(line?.time);
  });

  it.each([false, true])('writes nothing below its level (readable: %s)', (readable) => {
    const { logger, lines } = collect({ readable, level: 'warn' });
    logger.info('quiet');
    logger.warn('loud');
    expect(lines).toEqual([expect.stringMatching(/loud/)]);
    expect(collect({ readable, level: 'silent' }).logger.isLevelEnabled('fatal')).toBe(false);
  });

  it('writes an error with its name, stack and code, and no data of a failed statement', () => {
    const { logger, lines, parsed } = collect();
    const error = failure();
    logger.error({ err: error }, 'failed');
    expect(parsed()).toMatchObject([
      { err: { type: 'TypeError', message: 'it failed', code: '23505', stack: error.stack } },
    ]);
    expect(lines.join('')).not.toContain('secret');
  });

  it('does not change an error that is already serialized', () => {
    const { logger, parsed } = collect();
    logger.error({ err: { type: 'TypeError', message: 'it failed' } }, 'failed');
    expect(parsed()).toMatchObject([{ err: { type: 'TypeError', message: 'it failed' } }]);
  });

  it('writes readable lines, without colours if stdout is not a terminal', () => {
    const { logger, lines } = collect({ readable: true });
    logger.warn({ port: 8001 }, 'listening');
    expect(lines).toEqual([expect.stringMatching(/^\[\d\d:\d\d:\d\d\] WARN: listening \{"port":8001\}\n$/)]);
  });

  it('writes readable errors with their stack, and no data of a failed statement', () => {
    const { logger, lines } = collect({ readable: true });
    logger.error({ err: failure() }, 'failed');
    expect(lines).toEqual([expect.stringMatching(/ERROR: failed[^]*TypeError: it failed\n\s+at /)]);
    expect(lines.join('')).not.toContain('secret');
  });

  it('writes to stdout by default', () => {
    expect(createLogger({ level: 'info', readable: false }).level).toBe('info');
    expect(createLogger({ level: 'info', readable: true }).level).toBe('info');
  });

  it('flushes on request, and after each warning', () => {
    let flushes = 0;
    const destination = { write: () => undefined, flush: () => (flushes += 1) };
    const logger = createLogger({ level: 'info', readable: false, destination });
    logger.info('an ordinary line');
    expect(flushes).toBe(0);
    logger.warn('a line that must not be lost');
    expect(flushes).toBe(1);
    const done = jest.fn();
    logger.flush(done);
    expect([flushes, done.mock.calls.length]).toEqual([2, 1]);
  });
});

describe('a secret', () => {
  const SECRETS = { password: 'hunter2', access_token: 'hunter2', SECRET_KEY: 'hunter2', 'set-cookie': ['hunter2'] };

  it.each([
    ['at the top level of an object', SECRETS],
    ['in a body', { body: SECRETS }],
    ['in a request', { req: { headers: { authorization: 'hunter2', cookie: 'hunter2' }, body: SECRETS } }],
    ['in a list', { users: [SECRETS] }],
  ])('is masked %s that is logged whole', (_where, fields) => {
    const { logger, lines } = collect();
    logger.info(fields, 'whole');
    logger.child(fields).info('whole');
    logger.info('whole: %o', fields);
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      expect(line).toContain('**********');
      expect(line).not.toContain('hunter2');
    }
  });

  it('is masked in readable lines too', () => {
    const { logger, lines } = collect({ readable: true });
    logger.info({ body: SECRETS }, 'whole');
    expect(lines.join('')).toContain('**********');
    expect(lines.join('')).not.toContain('hunter2');
  });
});

describe('a value from a client', () => {
  const HOSTILE = 'a\r\nb\u001b[31m\u0007\u009b31m\u007f\u2028\u2029"\\\u0000\ud800\b\f';
  const CONTROL = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}]/u;

  it('is a string in one valid JSON line', () => {
    const { logger, lines, parsed } = collect();
    logger.info({ username: HOSTILE, nested: { [HOSTILE]: HOSTILE } }, HOSTILE);
    createPlainLogger('info', { write: (line) => void lines.push(line) }).info({ client: 'a\r\nb\u001b[31m"' }, 'x');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^[^\n]+\n$/);
    for (const line of lines) expect(line).not.toMatch(CONTROL);
    expect(parsed()[0]).toMatchObject({ msg: HOSTILE });
  });

  it('cannot control a terminal or begin a line', () => {
    const { logger, lines } = collect({ readable: true });
    logger.info({ username: HOSTILE }, HOSTILE);
    logger.info({ err: new Error(HOSTILE) }, 'failed');
    expect(lines[0]).toMatch(/^[^\n]+\n$/);
    for (const line of lines) expect(line).not.toMatch(CONTROL);
  });
});

describe('isDebugging', () => {
  it('is true for debug and trace', () => {
    const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
    expect(levels.filter(isDebugging)).toEqual(['debug', 'trace']);
  });
});
