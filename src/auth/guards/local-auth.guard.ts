import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import type { ReceivedBody } from '../../fastapi/body/received-body.js';
import { validateBody } from '../../fastapi/validation/validate-model.js';
import { LoginForm } from '../login-form.dto.js';

/**
 * The form login. Guards run before pipes, so the form is validated here: the strategy then sees nothing but two texts,
 * and never falls back to the query string, where passport-local would also look for them.
 */
@Injectable()
export class LocalAuthGuard extends AuthGuard('local') {
  override canActivate(
    context: ExecutionContext,
  ): ReturnType<InstanceType<ReturnType<typeof AuthGuard>>['canActivate']> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    request.body = validateBody(LoginForm, request.body as ReceivedBody);
    return super.canActivate(context);
  }
}
