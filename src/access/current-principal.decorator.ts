import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal } from './principal.js';

/**
 * The principal of the request: a `SessionPrincipal` on a handler without `@Requires`, which refuses API keys. Null only
 * on a handler with `@OptionalToken()`. Not on a public handler.
 */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal | null => {
  return context.switchToHttp().getRequest<{ user: Principal | null }>().user;
});
