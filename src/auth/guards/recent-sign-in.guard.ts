import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Principal } from '../../access/principal.js';
import { NEEDS_RECENT_SIGN_IN } from '../../access/recent-sign-in.decorator.js';
import { RecentSignIn } from '../sign-in/recent-sign-in.js';

/** Enforces `@RecentSignIn()`. Runs after the authentication guard. */
@Injectable()
export class RecentSignInGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly recentSignIn: RecentSignIn,
  ) {}

  canActivate(context: ExecutionContext): true {
    if (this.reflector.getAllAndOverride<boolean>(NEEDS_RECENT_SIGN_IN, [context.getHandler(), context.getClass()])) {
      this.recentSignIn.require(context.switchToHttp().getRequest<{ user: Principal }>().user);
    }
    return true;
  }
}
