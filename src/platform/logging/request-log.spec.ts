import type { FastifyInstance } from 'fastify';
import { createLogger } from './logger.js';
import { requestLog } from './request-log.js';

describe('requestLog', () => {
  const lines: string[] = [];
  const parent = createLogger({
    level: 'debug',
    readable: false,
    destination: { write: (line) => void lines.push(line) },
  });
  const children = jest.spyOn(parent, 'child');
  const make = () => requestLog.call({} as FastifyInstance, parent, { request_id: 'a' });

  beforeEach(() => {
    lines.length = 0;
    children.mockClear();
  });

  it('creates the child logger once, with the first line', () => {
    const log = make();
    expect(log.level).toBe('debug');
    expect(children).not.toHaveBeenCalled();
    log.info({ status: 200 }, 'one');
    log.warn('two');
    log.trace('below the level');
    expect(children).toHaveBeenCalledTimes(1);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 30, request_id: 'a', status: 200, msg: 'one' },
      { level: 40, request_id: 'a', msg: 'two' },
    ]);
  });

  it.each(['fatal', 'error', 'warn', 'info', 'debug'] as const)('writes %s', (level) => {
    make()[level]('a line');
    expect(lines).toEqual([expect.stringContaining('"request_id":"a","msg":"a line"')]);
  });

  it('passes the request id to its children', () => {
    make().child({ step: 2 }).info('a line');
    expect(lines).toEqual([expect.stringContaining('"request_id":"a","step":2,"msg":"a line"')]);
  });
});
