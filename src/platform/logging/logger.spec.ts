import { PassThrough } from 'node:stream';
import type { Logger } from 'pino';
import { createLogger, NestLogger } from './logger.js';

/** A logger, and what it has written once it has written something. */
function collect(readable: boolean, level = 'trace'): { logger: Logger; written: () => Promise<string> } {
  const destination = new PassThrough({ encoding: 'utf8' });
  const written = new Promise<string>((resolve) => destination.once('data', resolve));
  return { logger: createLogger({ level, readable, destination }), written: () => written };
}

const failure = () =>
  Object.assign(new TypeError('it failed'), { code: '23505', detail: 'Key (email)=(secret)', parameters: ['secret'] });

describe('createLogger', () => {
  it('writes one JSON line an event, with level, time, process and fields', async () => {
    const { logger, written } = collect(false);
    logger.info({ status: 200 }, 'a "request"\nof two lines');
    const text = await written();
    expect(text.indexOf('\n')).toBe(text.length - 1);
    const line = JSON.parse(text) as { time: string };
    expect(line).toEqual({
      level: 30,
      time: expect.any(String) as string,
      pid: process.pid,
      status: 200,
      msg: 'a "request"\nof two lines',
    });
    expect(new Date(line.time).toISOString()).toBe(line.time);
  });

  it.each([false, true])('writes nothing below its level (readable: %s)', async (readable) => {
    const { logger, written } = collect(readable, 'warn');
    logger.info('quiet');
    logger.warn('loud');
    expect(await written()).toMatch(/^(?!.*quiet).*loud/);
    expect(collect(readable, 'silent').logger.isLevelEnabled('fatal')).toBe(false);
  });

  it('writes an error with its name, stack and code, and none of what a failed statement carries', async () => {
    const { logger, written } = collect(false);
    const error = failure();
    logger.error({ err: error }, 'failed');
    const text = await written();
    expect(JSON.parse(text)).toMatchObject({
      err: { type: 'TypeError', message: 'it failed', code: '23505', stack: error.stack },
    });
    expect(text).not.toContain('secret');
  });

  it('leaves alone what was made loggable before', async () => {
    const { logger, written } = collect(false);
    logger.error({ err: { type: 'TypeError', message: 'it failed' } }, 'failed');
    expect(JSON.parse(await written())).toMatchObject({ err: { type: 'TypeError', message: 'it failed' } });
  });

  it('writes readable lines, without colours where no terminal is', async () => {
    const { logger, written } = collect(true);
    logger.warn({ port: 8001 }, 'listening');
    expect(await written()).toMatch(/^\[\d\d:\d\d:\d\d\] WARN: listening \{"port":8001\}\n$/);
  });

  it('writes readable errors with their stack, and none of what a failed statement carries', async () => {
    const { logger, written } = collect(true);
    logger.error({ err: failure() }, 'failed');
    const text = await written();
    expect(text).toMatch(/ERROR: failed[^]*TypeError: it failed\n\s+at /);
    expect(text).not.toContain('secret');
  });

  it('writes to stdout by default', () => {
    expect(createLogger({ level: 'info', readable: false }).level).toBe('info');
    expect(createLogger({ level: 'info', readable: true }).level).toBe('info');
  });
});

describe('NestLogger', () => {
  const said = async (speak: (nest: NestLogger) => void): Promise<unknown> => {
    const { logger, written } = collect(false);
    speak(new NestLogger(logger));
    const { time: _time, pid: _pid, ...line } = JSON.parse(await written()) as Record<string, unknown>;
    return line;
  };

  it.each([
    ['fatal', 60],
    ['error', 50],
    ['warn', 40],
    ['log', 20],
    ['debug', 20],
    ['verbose', 10],
  ] as const)("writes Nest's %s at level %i with the name of the class", async (method, level) => {
    expect(await said((nest) => nest[method]('Mapped {/a, GET}', 'RouterExplorer'))).toEqual({
      level,
      context: 'RouterExplorer',
      msg: 'Mapped {/a, GET}',
    });
  });

  it('writes the stack of an error', async () => {
    expect(await said((nest) => nest.error('it failed', 'Error: it failed\n    at x', 'Injector'))).toEqual({
      level: 50,
      context: 'Injector',
      stack: 'Error: it failed\n    at x',
      msg: 'it failed',
    });
  });

  it('writes a whole error that stands for the message', async () => {
    expect(await said((nest) => nest.error(failure(), undefined, 'ExceptionHandler'))).toMatchObject({
      context: 'ExceptionHandler',
      err: { type: 'TypeError', message: 'it failed', code: '23505' },
      msg: 'TypeError: it failed',
    });
  });

  it('writes what is no text as one', async () => {
    expect(await said((nest) => nest.warn(42))).toEqual({ level: 40, msg: '42' });
  });
});
