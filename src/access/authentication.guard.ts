import { type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { TAKES_TOKEN } from './optional-token.decorator.js';
import { IS_PUBLIC } from './public.decorator.js';

/** Default deny: every handler that is not `@Public()` needs a token that the strategy `jwt` accepts. */
@Injectable()
export class AuthenticationGuard extends AuthGuard('jwt') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override canActivate(
    context: ExecutionContext,
  ): ReturnType<InstanceType<ReturnType<typeof AuthGuard>>['canActivate']> {
    const isPublic = this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, [context.getHandler(), context.getClass()]);
    return isPublic ? true : super.canActivate(context);
  }

  override handleRequest<Principal>(
    error: unknown,
    principal: Principal | false | null,
    info: unknown,
    context: ExecutionContext,
  ): Principal {
    if (error) throw error;
    if (principal) return principal;
    if (this.reflector.get<boolean>(TAKES_TOKEN, context.getHandler())) return null as Principal;
    const noToken = info instanceof Error && info.message === 'No auth token';
    throw unauthorized(noToken);
  }
}

/** As FastAPI words a request without a token, and one whose token is not good. */
export function unauthorized(noToken: boolean): UnauthorizedException {
  return new UnauthorizedException(noToken ? 'Not authenticated' : 'Could not validate credentials');
}
