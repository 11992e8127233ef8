import {
  constraintOf,
  databaseErrors,
  isDatabaseUnavailable,
  isForeignKeyViolation,
  isUniqueViolation,
  transientState,
} from './database-errors.js';

const withCode = (code: string, more: object = {}) => Object.assign(new Error('it failed'), { code, ...more });
/** An error of the driver as TypeORM wraps it. */
const wrapped = (driverError: unknown) => Object.assign(new Error('QueryFailedError'), { driverError });

describe('isDatabaseUnavailable', () => {
  it.each([
    ['a broken connection', '08006'],
    ['a protocol violation', '08P01'],
    ['too many connections', '53300'],
    ['a full disk', '53100'],
    ['a cancelled statement', '57014'],
    ['a shutdown', '57P01'],
    ['a crash', '57P02'],
    ['a start', '57P03'],
    ['an idle session timeout', '57P05'],
    ['a lock that is not available', '55P03'],
    ['a read-only standby', '25006'],
    ['an idle transaction timeout', '25P03'],
    ['a transaction timeout', '25P04'],
    ['a refused connection', 'ECONNREFUSED'],
    ['a reset connection', 'ECONNRESET'],
    ['a broken pipe', 'EPIPE'],
    ['no route', 'EHOSTUNREACH'],
    ['an unknown host', 'ENOTFOUND'],
    ['an unreachable name server', 'EAI_AGAIN'],
  ])('knows %s (%s), wrapped or not', (_, code) => {
    expect(isDatabaseUnavailable(withCode(code))).toBe(true);
    expect(isDatabaseUnavailable(wrapped(withCode(code)))).toBe(true);
  });

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
  ])('knows the driver’s %j', (message) => {
    expect(isDatabaseUnavailable(new Error(message))).toBe(true);
    expect(isDatabaseUnavailable(wrapped(new Error(message)))).toBe(true);
  });

  it('recognizes a missing Unix socket, and no other missing file', () => {
    expect(isDatabaseUnavailable(withCode('ENOENT', { syscall: 'connect' }))).toBe(true);
    expect(isDatabaseUnavailable(withCode('ENOENT', { syscall: 'open', path: 'page.html' }))).toBe(false);
  });

  it('recognizes one of several attempts, as for a name with two addresses', () => {
    expect(isDatabaseUnavailable(new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]))).toBe(true);
    expect(isDatabaseUnavailable(new AggregateError([new Error('x')]))).toBe(false);
  });

  it.each([
    ['a unique violation', withCode('23505')],
    ['a syntax error', withCode('42601')],
    ['a value that is too long', withCode('22001')],
    ['an aborted transaction', withCode('25P02')],
    ['a code within a longer one', withCode('X08006')],
    ['a code that is a number', Object.assign(new Error('x'), { code: 8006 })],
    ['an error', new Error('it failed')],
    ['a client that disconnected while it sent its body', withCode('ECONNRESET', { statusCode: 400 })],
    ['a message that only quotes the driver', new Error('The message was: Connection terminated')],
    ['a value that is not an error', { code: 'ECONNREFUSED' }],
    ['undefined', undefined],
  ])('does not take %s for it', (_, error) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
    expect(databaseErrors(error)).toBeUndefined();
  });

  it('terminates for an error that is its own cause', () => {
    const error = wrapped(undefined);
    error.driverError = error;
    expect(isDatabaseUnavailable(error)).toBe(false);
  });
});

describe('databaseErrors', () => {
  it.each(['ECONNREFUSED', '28P01', '28000', '3D000'])('answers %s with a 503 without details', (code) => {
    const error = withCode(code, { message: 'password authentication failed for user "john"' });
    expect(databaseErrors(error)).toMatchObject({
      status: 503,
      code: 'database.unavailable',
      detail: 'The database is not available at the moment. Please try again.',
      headers: { 'retry-after': '2' },
      cause: error,
    });
  });
});

describe('transientState', () => {
  it.each([
    ['a serialization failure', '40001'],
    ['a deadlock', '40P01'],
  ])('knows %s, wrapped or not, which is a 503 of its own', (_, code) => {
    for (const error of [withCode(code), wrapped(withCode(code))]) {
      expect(transientState(error)).toBe(code);
      expect(isDatabaseUnavailable(error)).toBe(false);
      const answer = { code: 'database.contended', status: 503, headers: { 'retry-after': '2' }, cause: error };
      expect(databaseErrors(error)).toMatchObject(answer);
    }
  });

  it.each([
    // A retry might execute it twice.
    ['a statement whose completion is unknown', withCode('40003')],
    ['a rollback on purpose', withCode('40000')],
    ['a lost connection', withCode('ECONNRESET')],
    ['a unique violation', wrapped(withCode('23505'))],
    ['a wrapper of undefined', wrapped(undefined)],
    ['a value that is not an error', { code: '40001' }],
  ])('does not take %s for one', (_, error) => {
    expect(transientState(error)).toBeUndefined();
  });
});

describe('isUniqueViolation', () => {
  it('recognizes SQLSTATE 23505, wrapped or not', () => {
    expect(isUniqueViolation(withCode('23505'))).toBe(true);
    expect(isUniqueViolation(wrapped(withCode('23505')))).toBe(true);
  });

  it.each([
    ['another violation', withCode('23503')],
    ['another violation, wrapped', wrapped(withCode('23503'))],
    ['an error without a code', new Error('23505')],
    ['a value that is not an error', { code: '23505' }],
    ['null', null],
  ])('does not take %s for one', (_, error) => {
    expect(isUniqueViolation(error)).toBe(false);
  });
});

describe('isForeignKeyViolation', () => {
  it.each(['23503', '23001'])('recognizes SQLSTATE %s, wrapped or not', (code) => {
    expect([withCode(code), wrapped(withCode(code))].map(isForeignKeyViolation)).toEqual([true, true]);
  });

  it('is false for other errors', () => {
    expect([withCode('23505'), new Error('23503'), { code: '23503' }, null].some(isForeignKeyViolation)).toBe(false);
  });
});

describe('constraintOf', () => {
  it('returns the table and the constraint if the server reported them', () => {
    const where = { table: 'notes', constraint: 'fk_notes_author' };
    expect(constraintOf(wrapped(withCode('23503', where)))).toEqual(where);
    expect(constraintOf(withCode('23503'))).toEqual({ table: 'an unknown table', constraint: 'unnamed' });
  });
});
