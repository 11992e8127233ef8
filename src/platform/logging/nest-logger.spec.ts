import { createLogger } from './logger.js';
import { NestLogger } from './nest-logger.js';

const failure = () => Object.assign(new TypeError('it failed'), { code: '23505', detail: 'Key (email)=(secret)' });

describe('NestLogger', () => {
  const lineOf = (write: (nest: NestLogger) => void): unknown => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    write(new NestLogger(createLogger({ level: 'trace', readable: false, destination })));
    expect(lines).toHaveLength(1);
    const { time: _time, pid: _pid, ...line } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    return line;
  };

  it.each([
    ['fatal', 60],
    ['error', 50],
    ['warn', 40],
    ['log', 20],
    ['debug', 20],
    ['verbose', 10],
  ] as const)("writes Nest's %s at level %i with the name of the class", (method, level) => {
    expect(lineOf((nest) => nest[method]('Mapped {/a, GET}', 'RouterExplorer'))).toEqual({
      level,
      context: 'RouterExplorer',
      msg: 'Mapped {/a, GET}',
    });
  });

  it('writes the stack of an error', () => {
    expect(lineOf((nest) => nest.error('it failed', 'Error: it failed\n    at x', 'Injector'))).toEqual({
      level: 50,
      context: 'Injector',
      stack: 'Error: it failed\n    at x',
      msg: 'it failed',
    });
  });

  it('writes an error that is passed as the message', () => {
    expect(lineOf((nest) => nest.error(failure(), undefined, 'ExceptionHandler'))).toMatchObject({
      context: 'ExceptionHandler',
      err: { type: 'TypeError', message: 'it failed', code: '23505' },
      msg: 'TypeError: it failed',
    });
  });

  it('converts other values to strings', () => {
    expect(lineOf((nest) => nest.warn(42))).toEqual({ level: 40, msg: '42' });
  });

  it('writes the fields of a plain object', () => {
    expect(lineOf((nest) => nest.warn({ attempt: 3, msg: 'not sent yet' }, 'Mail'))).toEqual({
      level: 40,
      context: 'Mail',
      attempt: 3,
      msg: 'not sent yet',
    });
  });

  it('writes a plain object passed to log at info', () => {
    expect(lineOf((nest) => nest.log({ attempt: 1, msg: 'sent' }, 'Mail'))).toMatchObject({ level: 30, msg: 'sent' });
  });
});
