import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ReceivedBody } from '../../fastapi/body/received-body.js';
import { validateBody } from '../../fastapi/validation/validate-model.js';
import { callerOf } from '../../platform/http/caller.js';
import { LoginForm } from './login-form.dto.js';

/**
 * The form login. Guards run before pipes, so the form is validated here: the strategy then sees nothing but two texts,
 * and never falls back to the query string, where passport-local would also look for them.
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
}
