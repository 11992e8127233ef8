import { createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Strategy } from 'passport-local';
import type { ReceivedBody } from '../../fastapi/body/received-body.js';
import { validateBody } from '../../fastapi/validation/validate-model.js';
import { callerOf, getCaller } from '../../platform/http/caller.js';
import type { FirstProof } from './factors/factor.js';
import { LoginForm } from './login-form.dto.js';
import { PasswordSignIn } from './password-sign-in.js';

/** The `local` strategy of passport: verifies the username and the password of the form login. */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, 'local') {
  constructor(private readonly password: PasswordSignIn) {
    super({ passReqToCallback: true });
  }

  async validate(request: unknown, username: string, password: string): Promise<FirstProof> {
    return this.password.verify({ username, password }, getCaller(request as FastifyRequest));
  }
}

/**
 * The guard of the form login. It validates the form, because guards run before pipes. With two valid strings,
 * passport-local does not fall back to the query string.
 */
@Injectable()
export class LocalAuthGuard extends AuthGuard('local') {
  override canActivate(
    context: ExecutionContext,
  ): ReturnType<InstanceType<ReturnType<typeof AuthGuard>>['canActivate']> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    callerOf(request, http.getResponse<FastifyReply>());
    request.body = validateBody(LoginForm, request.body as ReceivedBody);
    return super.canActivate(context);
  }

  override getAuthenticateOptions(): { property: string } {
    return { property: 'proof' };
  }
}

/** Injects the proof of the form login into its handler. */
export const ProofOfForm = createParamDecorator((_: unknown, context: ExecutionContext): FirstProof => {
  return context.switchToHttp().getRequest<{ proof: FirstProof }>().proof;
});
