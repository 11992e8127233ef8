import { AppError, type ErrorDefinition } from './app-error.js';

const gone: ErrorDefinition = { code: 'users.gone', status: 410, detail: 'This user is gone', about: 'Never.' };

describe('AppError', () => {
  it('is what its definition says', () => {
    const error = new AppError(gone);
    expect(error).toMatchObject({ code: 'users.gone', status: 410, detail: 'This user is gone', headers: {} });
    expect([error.name, error.message, error.cause]).toEqual(['AppError', 'This user is gone', undefined]);
  });

  it('has a text and a cause of its own where the occurrence has', () => {
    const cause = new Error('secret');
    expect(new AppError(gone, { detail: 'Gone since May', cause })).toMatchObject({
      message: 'Gone since May',
      detail: 'Gone since May',
      cause,
    });
  });

  it('is called by its code where its detail is no text', () => {
    expect(new AppError(gone, { detail: [{ type: 'missing' }] }).message).toBe('users.gone');
  });

  it('adds the headers of the occurrence to those of the definition, the former winning', () => {
    const definition = { ...gone, headers: { 'retry-after': '2', 'x-a': 'a' } };
    const { headers } = new AppError(definition, { headers: { 'retry-after': '9', 'x-b': 'b' } });
    expect(headers).toEqual({ 'retry-after': '9', 'x-a': 'a', 'x-b': 'b' });
  });
});
