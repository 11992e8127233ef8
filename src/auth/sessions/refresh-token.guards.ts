import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ReceivedBody } from '../../fastapi/body/received-body.js';
import { validateBody } from '../../fastapi/validation/validate-model.js';
import { RefreshCookie, type TokenDelivery } from './refresh-cookie.js';
import { LogoutRequest, RefreshRequest } from './refresh-request.dto.js';

const deliveries = new WeakMap<FastifyRequest, TokenDelivery>();

/** The delivery of the request's tokens, as a parameter of a handler behind one of these guards. */
export const Delivery = createParamDecorator((_: unknown, context: ExecutionContext): TokenDelivery => {
  const delivery = deliveries.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!delivery) throw new RangeError('no guard has read the cookie mode of this request');
  return delivery;
});

/** Reads the cookie mode, and refuses a request that may not use it, before anything is done. */
@Injectable()
export class CookieModeGuard implements CanActivate {
  constructor(private readonly cookie: RefreshCookie) {}

  canActivate(context: ExecutionContext): boolean {
    readDelivery(this.cookie, context);
    return true;
  }
}

/**
 * Puts the refresh token into the body of the handler from where the client keeps it: its cookie when it asks for that,
 * the body otherwise, and never from the other place. Before the pipes, which leave a body that has been read as it is.
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

/** The same where there may be none: no body at all is right too. */
@Injectable()
export class LogoutTokenGuard implements CanActivate {
  constructor(private readonly cookie: RefreshCookie) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    request.body = this.logoutOf(request, readDelivery(this.cookie, context));
    return true;
  }

  private logoutOf(request: FastifyRequest, { inCookie }: TokenDelivery): LogoutRequest {
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
