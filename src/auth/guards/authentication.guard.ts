import { type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AnonymousRequests } from '../../access/anonymous-requests.js';
import { TAKES_TOKEN } from '../../access/optional-token.decorator.js';
import { IS_PUBLIC } from '../../access/public.decorator.js';

/** Default deny: every handler that is not `@Public()` needs a token that the strategy `jwt` accepts. */
@Injectable()
export class AuthenticationGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly anonymous: AnonymousRequests,
  ) {
    super();
  }

  override canActivate(context: ExecutionContext): true | Promise<true> {
    const isPublic = this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, [context.getHandler(), context.getClass()]);
    if (!isPublic) return this.authenticate(context);
    const admission = this.admitAnonymous(context);
    return admission ? admission.then(() => true) : true;
  }

  private async authenticate(context: ExecutionContext): Promise<true> {
    try {
      await super.canActivate(context);
    } catch (error) {
      if (error instanceof UnauthorizedException) await this.admitAnonymous(context);
      throw error;
    }
    const { user } = context.switchToHttp().getRequest<{ user: unknown }>();
    // An optional token that was not valid.
    if (user === null) await this.admitAnonymous(context);
    return true;
  }

  private admitAnonymous(context: ExecutionContext): void | Promise<void> {
    const http = context.switchToHttp();
    return this.anonymous.admit(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
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
function unauthorized(noToken: boolean): UnauthorizedException {
  return new UnauthorizedException(noToken ? 'Not authenticated' : 'Could not validate credentials');
}
