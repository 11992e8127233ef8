import { ApiHeader } from '@nestjs/swagger';

/** Documents the header by which a client asks for its refresh token in a cookie; `RefreshCookie` reads it. */
export function AuthMode(): MethodDecorator {
  return ApiHeader({
    name: 'X-Auth-Mode',
    required: false,
    description:
      'With `cookie` the refresh token is in a cookie that no script can read (`HttpOnly`), not in the body: for browsers.',
    schema: { type: 'string', enum: ['cookie'] },
  });
}
