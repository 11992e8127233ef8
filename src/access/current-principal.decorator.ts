import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal } from './principal.js';

/**
 * Injects the principal of the request. It is a `SessionPrincipal` on a handler without `@Requires`, which refuses API
 * keys, and may be null on a handler with `@OptionalToken()`. Not available on a public handler.
 */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal | null => {
  return context.switchToHttp().getRequest<{ user: Principal | null }>().user;
});
