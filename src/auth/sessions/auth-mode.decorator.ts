import { ApiHeader } from '@nestjs/swagger';

/** Documents the header that requests the refresh token in a cookie. `RefreshCookie` reads it. */
export function AuthMode(): MethodDecorator {
  return ApiHeader({
    name: 'X-Auth-Mode',
    required: false,
    description:
      'For browsers: with `cookie`, the refresh token is in an `HttpOnly` cookie, which scripts cannot read, instead of the body.',
    schema: { type: 'string', enum: ['cookie'] },
  });
}
