import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Environment } from '../config/environment.js';
import { LONGEST_AUTHORIZATION } from '../http/header-limits.js';
import { notFound } from '../http/http.errors.js';

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const SAY_EVERY_MS = 60_000;

/**
 * Who may read the metrics and the details of /health (row A107): who has METRICS_TOKEN, or asks from this machine without
 * a proxy in between. To anybody else the route is one that does not exist; what it is in truth stands in the log, so that
 * a wrong token can be found. Never a 401, which ends the session of a browser's application.
 */
@Injectable()
export class OperatorGuard implements CanActivate {
  private readonly log = new Logger('Metrics');
  private readonly token: Buffer | undefined;
  private saidAt = -Infinity;

  constructor({ METRICS_TOKEN }: Environment) {
    this.token = METRICS_TOKEN === undefined ? undefined : digest(METRICS_TOKEN);
  }

  /** @throws AppError 404 */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (this.isOperator(request)) return true;
    this.say(request);
    throw notFound();
  }

  isOperator({ headers, raw }: FastifyRequest): boolean {
    return this.hasToken(headers.authorization) || isDirect(raw.socket.remoteAddress, headers);
  }

  private hasToken(authorization = ''): boolean {
    if (authorization.length > LONGEST_AUTHORIZATION) return false;
    const given = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    // Digests are of one length, which timingSafeEqual asks for.
    return this.token !== undefined && given !== undefined && timingSafeEqual(digest(given), this.token);
  }

  /** At most once a minute: anybody can ask. */
  private say({ headers, ip }: FastifyRequest): void {
    const now = performance.now();
    if (headers.authorization === undefined || now - this.saidAt < SAY_EVERY_MS) return;
    this.saidAt = now;
    const why = this.token ? 'its token is not METRICS_TOKEN' : 'METRICS_TOKEN is not set';
    this.log.warn(`/metrics was refused to ${ip}, answered 404: ${why}`);
  }
}

/** Whether this machine asks itself: by the address of the socket, whatever TRUST_PROXY says, and for nobody else. */
function isDirect(address: string | undefined, headers: IncomingHttpHeaders): boolean {
  return LOOPBACK.test(address ?? '') && !Object.keys(headers).some(isForwarding);
}

function isForwarding(header: string): boolean {
  return header.startsWith('x-forwarded-') || ['forwarded', 'x-real-ip', 'via'].includes(header);
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
