import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ReceivedBody } from '../../fastapi/body/received-body.js';
import { validateBody } from '../../fastapi/validation/validate-model.js';
import { RefreshCookie, type TokenDelivery } from './refresh-cookie.js';
import { LogoutRequest, RefreshRequest } from './refresh-request.dto.js';

const deliveries = new WeakMap<FastifyRequest, TokenDelivery>();

/** Injects the token delivery of the request into a handler behind one of these guards. */
export const Delivery = createParamDecorator((_: unknown, context: ExecutionContext): TokenDelivery => {
  const delivery = deliveries.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!delivery) throw new RangeError('no guard has read the cookie mode of this request');
  return delivery;
});

/** Reads the cookie mode, and refuses requests that may not use it before the handler runs. */
@Injectable()
export class CookieModeGuard implements CanActivate {
  constructor(private readonly cookie: RefreshCookie) {}

  canActivate(context: ExecutionContext): boolean {
    readDelivery(this.cookie, context);
    return true;
  }
}

/**
 * Puts the refresh token into the body of the handler: from the cookie in cookie mode, otherwise from the request body,
 * never from the other one. It runs before the pipes, which do not change a body that has been validated.
 */
@Injectable()
export class RefreshTokenGuard implements CanActivate {
  constructor(private readonly cookie: RefreshCookie) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    request.body = readDelivery(this.cookie, context).inCookie
      ? Object.assign(new RefreshRequest(), { refresh_token: this.cookie.findToken(request) ?? '' })
      : validateBody(RefreshRequest, request.body as ReceivedBody);
    return true;
  }
}

/** Like `RefreshTokenGuard`, for a logout: token and body are optional. */
@Injectable()
export class LogoutTokenGuard implements CanActivate {
  constructor(private readonly cookie: RefreshCookie) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    request.body = this.readLogout(request, readDelivery(this.cookie, context));
    return true;
  }

  private readLogout(request: FastifyRequest, { inCookie }: TokenDelivery): LogoutRequest {
    const body = request.body as ReceivedBody | undefined;
    if (!inCookie && body && body.kind !== 'none') return validateBody(LogoutRequest, body);
    return Object.assign(new LogoutRequest(), {
      refresh_token: inCookie ? (this.cookie.findToken(request) ?? null) : null,
    });
  }
}

function readDelivery(cookie: RefreshCookie, context: ExecutionContext): TokenDelivery {
  const http = context.switchToHttp();
  const request = http.getRequest<FastifyRequest>();
  const delivery = cookie.deliveryFor(request, http.getResponse<FastifyReply>());
  deliveries.set(request, delivery);
  return delivery;
}
