import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal, PrincipalUser } from './principal.js';

/** The user of the request's principal. Not on a public handler, nor on one with `@OptionalToken()`. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): PrincipalUser => {
  return context.switchToHttp().getRequest<{ user: Principal }>().user.user;
});
