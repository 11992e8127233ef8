import { ApiHeader } from '@nestjs/swagger';

/** Documents the header by which a client asks for its refresh token in a cookie; `RefreshCookie` reads it. */
export function AuthMode(): MethodDecorator {
  return ApiHeader({
    name: 'X-Auth-Mode',
    required: false,
    schema: { type: 'string', enum: ['cookie'] },
  });
}
