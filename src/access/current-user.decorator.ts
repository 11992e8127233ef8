import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal, PrincipalUser } from './principal.js';

/** Injects the user of the principal. Not available on a public handler or one with `@OptionalToken()`. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): PrincipalUser => {
  return context.switchToHttp().getRequest<{ user: Principal }>().user.user;
});
