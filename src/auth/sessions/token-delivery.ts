import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { TokenResponse } from '../tokens/token-response.dto.js';

/** How the answer to a request carries its refresh token. */
export interface TokenDelivery {
  readonly inCookie: boolean;
  /** The sessions whose refresh cookies the answer overwrites; none without the cookie mode. */
  readonly replaced: readonly string[];
  /** The body of the answer: without the refresh token if a cookie carries it. */
  deliver(tokens: TokenResponse): TokenResponse;
  /** Has the browser forget its cookie. Nothing without the cookie mode. */
  clear(): void;
}

const deliveries = new WeakMap<FastifyRequest, TokenDelivery>();

/** Keeps what a guard has read of the request for its handler. */
export function keepDelivery(request: FastifyRequest, delivery: TokenDelivery): TokenDelivery {
  deliveries.set(request, delivery);
  return delivery;
}

/** The delivery of the request's tokens. Only behind a guard that reads the cookie mode. */
export const Delivery = createParamDecorator((_: unknown, context: ExecutionContext): TokenDelivery => {
  const delivery = deliveries.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!delivery) throw new RangeError('no guard has read the cookie mode of this request');
  return delivery;
});
