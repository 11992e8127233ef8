import { ForbiddenException, UnauthorizedException } from '@nestjs/common';
import { authenticationErrors } from './authentication-errors.js';

describe('authenticationErrors', () => {
  it("answers 401 for the exception of passport's guard, without its text", () => {
    const error = new UnauthorizedException('secret');
    const answer = authenticationErrors(error);
    expect(answer).toMatchObject({ code: 'auth.invalid_token', status: 401, cause: error });
    expect(answer?.detail).not.toBe('secret');
  });

  it.each([[new ForbiddenException()], [new Error('Unauthorized')], ['Unauthorized'], [null]])('ignores %s', (error) =>
    expect(authenticationErrors(error)).toBeUndefined(),
  );
});
