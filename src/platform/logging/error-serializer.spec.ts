import { serializeError } from './error-serializer.js';

describe('serializeError', () => {
  it('keeps where and why an error occurred, and none of the data', () => {
    const error = Object.assign(new Error('it failed'), {
      code: '23514',
      table: 'users',
      detail: 'Failing row contains (a hash).',
      parameters: ['a hash'],
      driverError: { detail: 'a hash' },
    });
    expect(serializeError(error)).toEqual({
      type: 'Error',
      message: 'it failed',
      stack: error.stack,
      code: '23514',
      table: 'users',
    });
  });

  it('applies the same rule to causes and to the errors of an aggregate', () => {
    const secret = Object.assign(new TypeError('inner'), { parameters: ['a hash'] });
    const logged = serializeError(new Error('outer', { cause: new AggregateError([secret], 'several') }));
    expect(logged).toMatchObject({
      cause: { type: 'AggregateError', errors: [{ type: 'TypeError', message: 'inner' }] },
    });
    expect(JSON.stringify(logged)).not.toContain('a hash');
  });

  it('terminates for an error that is its own cause', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(serializeError(error))).toContain('round');
  });

  it('shows only the type of a thrown value that is not an error', () => {
    expect(serializeError('a hash')).toEqual({ type: 'string' });
  });
});
