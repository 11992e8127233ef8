import { AppError, unavailable } from './app-error.js';

describe('AppError', () => {
  it('says its detail, or its code where the detail is no text', () => {
    expect(new AppError('users.gone', 410, 'This user is gone').message).toBe('This user is gone');
    expect(new AppError('request.invalid', 422, [{ type: 'missing' }]).message).toBe('request.invalid');
  });

  it('is an Error with a name, no headers of its own and the cause it is given', () => {
    const cause = new Error('why');
    const error = new AppError('a.b', 400, 'c', {}, { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'AppError', code: 'a.b', status: 400, detail: 'c', headers: {}, cause });
  });
});

describe('unavailable', () => {
  it('is a 503 that says when to come back', () => {
    const cause = new Error('connection lost');
    expect(unavailable('database.unavailable', 'Not now', cause)).toMatchObject({
      code: 'database.unavailable',
      status: 503,
      detail: 'Not now',
      headers: { 'retry-after': '2' },
      cause,
    });
  });
});
