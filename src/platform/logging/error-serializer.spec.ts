import { serializeError } from './error-serializer.js';

describe('serializeError', () => {
  it('tells where and why, and nothing of what was written', () => {
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

  it('follows causes and the errors of an aggregate by the same rule', () => {
    const secret = Object.assign(new TypeError('inner'), { parameters: ['a hash'] });
    const logged = serializeError(new Error('outer', { cause: new AggregateError([secret], 'several') }));
    expect(logged).toMatchObject({
      cause: { type: 'AggregateError', errors: [{ type: 'TypeError', message: 'inner' }] },
    });
    expect(JSON.stringify(logged)).not.toContain('a hash');
  });

  it('ends with an error that is its own cause', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(serializeError(error))).toContain('round');
  });

  it('shows nothing of a thrown value that is no error', () => {
    expect(serializeError('a hash')).toEqual({ type: 'string' });
  });
});
