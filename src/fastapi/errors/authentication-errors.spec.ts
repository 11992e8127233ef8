import { ForbiddenException, UnauthorizedException } from '@nestjs/common';
import { authenticationErrors } from './authentication-errors.js';

describe('authenticationErrors', () => {
  it.each([
    ['Not authenticated', 'auth.not_authenticated'],
    ['Could not validate credentials', 'auth.invalid_token'],
    // What passport's own guard would say: nothing of it reaches the client.
    ['secret', 'auth.invalid_token'],
  ])('knows the exception of a guard by its text: %s', (text, code) => {
    const error = new UnauthorizedException(text);
    const answer = authenticationErrors(error);
    expect(answer).toMatchObject({ code, status: 401, cause: error });
    expect(answer?.detail).not.toBe('secret');
  });

  it.each([[new ForbiddenException()], [new Error('Not authenticated')], ['Not authenticated'], [null]])(
    'takes %s for none',
    (error) => expect(authenticationErrors(error)).toBeUndefined(),
  );
});
