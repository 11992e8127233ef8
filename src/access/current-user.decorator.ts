import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal, PrincipalUser } from './principal.js';

/** The user that the request's token stands for. Not on a public handler. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): PrincipalUser => {
  return context.switchToHttp().getRequest<{ user: Principal }>().user.user;
});
