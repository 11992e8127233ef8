import { EmbeddedPostgresError } from './dev-database/embedded-postgres-error.js';
import { exitWith, explain } from './exit.js';
import { ConfigurationError } from './platform/config/configuration-error.js';
import { DatabaseUnreachableError } from './platform/database/database-unreachable-error.js';

const failure = (properties: object) => Object.assign(new Error('it failed'), properties);

describe('explain', () => {
  it.each([
    ['an invalid configuration', new ConfigurationError('One setting is invalid')],
    ['the embedded database', new EmbeddedPostgresError('held by process 1')],
    ['an unreachable database', new DatabaseUnreachableError('did not answer within 60 s')],
  ])('returns the message of %s without a stack', (_, error) => {
    expect(explain(error)).toBe(error.message);
  });

  it.each([
    [
      { code: 'EADDRINUSE', syscall: 'listen', address: '0.0.0.0', port: 8001 },
      'The port is in use: another program listens on 0.0.0.0:8001. Stop it, or set APP_PORT.',
    ],
    [
      { code: 'EADDRINUSE', syscall: 'listen', address: '::', port: 8001 },
      'The port is in use: another program listens on [::]:8001. Stop it, or set APP_PORT.',
    ],
    [
      { code: 'EACCES', syscall: 'listen', address: '0.0.0.0', port: 80 },
      'Permission denied to listen on 0.0.0.0:80: ports below 1024 need a privilege. Set APP_PORT.',
    ],
    [
      { code: 'EADDRNOTAVAIL', syscall: 'listen', address: '203.0.113.9', port: 8001 },
      'APP_HOST is not an address of this machine: 203.0.113.9.',
    ],
    [
      { code: 'EAFNOSUPPORT', syscall: 'listen', address: '::', port: 8001 },
      'APP_HOST=:: needs IPv6, which this machine does not have.',
    ],
    [
      { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'nowhere' },
      'The host name nowhere has no known address. Check APP_HOST.',
    ],
  ])('explains %j', (properties, expected) => {
    expect(explain(failure(properties))).toBe(expected);
  });

  it.each([
    ['an unexpected error', new TypeError('x is undefined')],
    ['a file that may not be read', failure({ code: 'EACCES', syscall: 'open', path: '/etc/shadow' })],
    ['another failure to listen', failure({ code: 'EINVAL', syscall: 'listen' })],
  ])('returns the stack of %s', (_, error) => {
    expect(explain(error)).toBe(error.stack);
  });

  it('returns the message if there is no stack', () => {
    expect(explain(failure({ stack: undefined }))).toBe('it failed');
    expect(explain(failure({ syscall: 'listen', stack: undefined }))).toBe('it failed');
  });

  it('converts a value that is not an error to a string', () => {
    expect(explain('stop')).toBe('stop');
    expect(explain(undefined)).toBe('undefined');
  });
});

describe('exitWith', () => {
  it.each([
    [new ConfigurationError('One setting is invalid'), 78],
    [new DatabaseUnreachableError('did not answer'), 1],
    [new EmbeddedPostgresError('held by process 1'), 1],
  ])('writes the message of %s to stderr and exits with %i', async (error, code) => {
    const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const write = jest.spyOn(process.stderr, 'write').mockImplementation((...[, , done]) => {
      done?.();
      return true;
    });
    await exitWith(error);
    expect(write.mock.calls).toEqual([[`${error.message}\n`, 'utf8', expect.any(Function)]]);
    expect(exit.mock.calls).toEqual([[code]]);
    jest.restoreAllMocks();
  });
});
