import { AppError, type ErrorDefinition } from './app-error.js';

const gone: ErrorDefinition = { code: 'users.gone', status: 410, detail: 'This user is gone', about: 'Never.' };

describe('AppError', () => {
  it('has the values of its definition', () => {
    const error = new AppError(gone);
    expect(error).toMatchObject({ code: 'users.gone', status: 410, detail: 'This user is gone', headers: {} });
    expect([error.name, error.message, error.cause]).toEqual(['AppError', 'This user is gone', undefined]);
  });

  it('takes the detail and the cause of the occurrence', () => {
    const cause = new Error('secret');
    expect(new AppError(gone, { detail: 'Gone since May', cause })).toMatchObject({
      message: 'Gone since May',
      detail: 'Gone since May',
      cause,
    });
  });

  it('uses its code as the message if its detail is not a string', () => {
    expect(new AppError(gone, { detail: [{ type: 'missing' }] }).message).toBe('users.gone');
  });

  it('adds the headers of the occurrence, which override those of the definition', () => {
    const definition = { ...gone, headers: { 'retry-after': '2', 'x-a': 'a' } };
    const { headers } = new AppError(definition, { headers: { 'retry-after': '9', 'x-b': 'b' } });
    expect(headers).toEqual({ 'retry-after': '9', 'x-a': 'a', 'x-b': 'b' });
  });
});
