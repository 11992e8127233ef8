import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AnonymousRequests } from '../../access/anonymous-requests.js';
import { ACCEPTS_TOKEN } from '../../access/optional-token.decorator.js';
import { IS_PUBLIC } from '../../access/public.decorator.js';
import { unauthenticated } from '../tokens/unauthenticated.js';

/** Denies by default: every handler that is not `@Public()` needs a token that the `jwt` strategy accepts. */
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
    const admission = this.countAnonymous(context);
    return admission ? admission.then(() => true) : true;
  }

  private async authenticate(context: ExecutionContext): Promise<true> {
    await super.canActivate(context);
    const http = context.switchToHttp();
    if (http.getRequest<{ user: unknown }>().user) return true;
    await this.countAnonymous(context);
    if (this.reflector.get<boolean>(ACCEPTS_TOKEN, context.getHandler())) return true;
    throw unauthenticated(http.getRequest<FastifyRequest>());
  }

  private countAnonymous(context: ExecutionContext): void | Promise<void> {
    const http = context.switchToHttp();
    return this.anonymous.admit(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Passport passes false for a request without a valid token. `request.user` becomes null. */
  override handleRequest<Principal>(error: unknown, principal: Principal | false): Principal | null {
    if (error) throw error;
    return principal || null;
  }
}
