import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PlatformSettings } from '../config/platform-settings.js';
import { MAX_AUTHORIZATION_LENGTH } from '../http/header-limits.js';
import { notFound } from '../http/http.errors.js';
import { isForwarded, isLoopbackAddress, isLoopbackHost } from '../http/loopback.js';

const WARN_INTERVAL_MS = 60_000;

/**
 * Lets operators read the metrics and the details of /health: requests with METRICS_TOKEN, and requests from this
 * machine that no proxy forwarded. All others get a 404, as for a route that does not exist; the log says why, so that
 * a wrong token can be found. A 401 would make browser applications sign their users out.
 */
@Injectable()
export class OperatorGuard implements CanActivate {
  private readonly log = new Logger('Metrics');
  private readonly token: Buffer | undefined;
  private warnedAt = -Infinity;

  constructor({ METRICS_TOKEN }: PlatformSettings) {
    this.token = METRICS_TOKEN === undefined ? undefined : digest(METRICS_TOKEN);
  }

  /** @throws AppError 404 */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (this.isOperator(request)) return true;
    this.warn(request);
    throw notFound();
  }

  isOperator({ headers, raw }: FastifyRequest): boolean {
    return this.hasToken(headers.authorization) || (isLocal(raw) && isLoopbackHost(headers.host));
  }

  private hasToken(authorization = ''): boolean {
    if (authorization.length > MAX_AUTHORIZATION_LENGTH) return false;
    const given = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    // Digests have the same length, which timingSafeEqual requires.
    return this.token !== undefined && given !== undefined && timingSafeEqual(digest(given), this.token);
  }

  /** Warns at most once per minute, because any client can send such requests. */
  private warn({ headers, ip, raw }: FastifyRequest): void {
    const now = performance.now();
    const why = this.reasonFor(headers.authorization, isLocal(raw));
    if (why === undefined || now - this.warnedAt < WARN_INTERVAL_MS) return;
    this.warnedAt = now;
    this.log.warn(`answered a request for /metrics from ${ip} with 404: ${why}`);
  }

  private reasonFor(authorization: string | undefined, isFromHere: boolean): string | undefined {
    if (authorization !== undefined) return this.token ? 'its token is not METRICS_TOKEN' : 'METRICS_TOKEN is not set';
    return isFromHere
      ? 'its Host is not localhost or a loopback address; use one of them, or send METRICS_TOKEN'
      : undefined;
  }
}

/** Whether a request comes directly from this machine, by the address of the socket and independent of TRUST_PROXY. */
function isLocal({ socket, headers }: FastifyRequest['raw']): boolean {
  return isLoopbackAddress(socket.remoteAddress) && !isForwarded(headers);
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
