import { pino } from 'pino';
import type { ErrorType } from './platform/http/error-catalogue.js';
import type { Service } from './serve.js';
import { Shutdown } from './shutdown.js';

type Handler = (argument?: unknown) => void;

let handlers: Map<string | symbol, Handler>;
let exit: jest.SpyInstance;
let logged: string[];
let close: jest.Mock<Promise<void>, [ErrorType]>;
let faults: { unhandledRejection: jest.Mock; uncaughtException: jest.Mock };

const happens = (event: string, argument?: unknown) => handlers.get(event)?.(argument);
/** Resolves to the exit code when the process would have exited. */
const ended = async (): Promise<unknown> => {
  while (exit.mock.calls.length === 0) await new Promise((next) => setImmediate(next));
  return exit.mock.calls[0]?.[0];
};

function shutdown({ serving = true } = {}): void {
  const logger = pino({ base: null, timestamp: false }, { write: (line: string) => void logged.push(line) });
  const subject = new Shutdown(logger, 60_000);
  if (serving) subject.guard({ url: '', close, faults } as unknown as Service);
}

beforeEach(() => {
  handlers = new Map();
  logged = [];
  close = jest.fn().mockResolvedValue(undefined);
  faults = { unhandledRejection: jest.fn(), uncaughtException: jest.fn() };
  const listen = (event: string | symbol, handler: Handler) => {
    handlers.set(event, handler);
    return process;
  };
  jest.spyOn(process, 'on').mockImplementation(listen as typeof process.on);
  jest.spyOn(process, 'once').mockImplementation(listen as typeof process.once);
  exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as typeof process.exit);
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('Shutdown', () => {
  it.each([
    ['SIGTERM', 0, 'http.interrupted'],
    ['SIGINT', 0, 'http.interrupted'],
    ['message', 0, 'http.interrupted'],
    ['disconnect', 1, 'http.interrupted'],
    ['uncaughtException', 1, 'http.internal_error'],
  ])('drains after %s and exits with %i', async (event, code, refusal) => {
    shutdown();
    happens(event, event === 'message' ? 'shutdown' : new Error('it failed'));
    expect(await ended()).toBe(code);
    expect(close.mock.calls.map(([{ code }]: [ErrorType]) => code)).toEqual([refusal]);
  });

  it('drains once, even after further events', async () => {
    shutdown();
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect', 'uncaughtException']) happens(event);
    expect(await ended()).toBe(0);
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('exits at once if nothing is served yet', async () => {
    shutdown({ serving: false });
    happens('SIGTERM');
    expect(await ended()).toBe(0);
    expect(close).not.toHaveBeenCalled();
  });

  it('exits at once after a second signal, but not if two arrive together', () => {
    close.mockReturnValue(new Promise(() => undefined));
    const { send } = process;
    process.send = undefined;
    shutdown();
    happens('SIGINT');
    happens('SIGINT');
    expect(exit).not.toHaveBeenCalled();
    jest.advanceTimersByTime(600);
    happens('SIGTERM');
    expect(exit.mock.calls).toEqual([[1]]);
    process.send = send;
  });

  it('leaves a forced exit to the process manager if there is one', () => {
    close.mockReturnValue(new Promise(() => undefined));
    const { send } = process;
    process.send = () => true;
    shutdown();
    happens('SIGINT');
    jest.advanceTimersByTime(600);
    happens('SIGINT');
    expect(exit).not.toHaveBeenCalled();
    process.send = send;
  });

  it('does not wait for connections to the database that do not close', () => {
    close.mockReturnValue(new Promise(() => undefined));
    shutdown();
    happens('SIGTERM');
    jest.advanceTimersByTime(62_000);
    expect(exit.mock.calls).toEqual([[0]]);
    expect(logged.join('')).toContain('the connections to the database did not close in time');
  });

  it('logs and counts an unhandled rejection, and continues', () => {
    shutdown();
    happens('unhandledRejection', new Error('it was not awaited'));
    expect(faults.unhandledRejection).toHaveBeenCalledTimes(1);
    expect(logged.join('')).toContain('it was not awaited');
    expect(exit).not.toHaveBeenCalled();
  });

  it('ignores other messages', () => {
    shutdown();
    happens('message', { type: 'log:reload' });
    expect(close).not.toHaveBeenCalled();
  });
});
