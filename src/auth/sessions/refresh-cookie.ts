import { fastifyCookie } from '@fastify/cookie';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { entry, type PydanticError, RequestValidationError } from '../../fastapi/validation/validation-error.js';
import { Environment } from '../../platform/config/environment.js';
import type { TokenResponse } from '../token-response.dto.js';
import { CookieOrigins } from './cookie-origins.js';
import { cookieModeOff, originRefused } from './session.errors.js';

/** With the value `cookie` the client asks to keep its refresh token in a cookie. */
export const AUTH_MODE_HEADER = 'x-auth-mode';
const COOKIE = 'cookie';
const NOT_COOKIE: PydanticError = {
  type: 'literal_error',
  msg: `Input should be '${COOKIE}'`,
  ctx: { expected: `'${COOKIE}'` },
};

/** A prefix that browsers hold to: set over HTTPS only, by this host only, for no other (RFC 6265bis section 4.1.3.2). */
const SECURE_NAME = '__Host-refresh_token';
const PLAIN_NAME = 'refresh_token';
const SECONDS_A_DAY = 86_400;

/**
 * The refresh token where no script can read it. A client asks for this with a header of its own, which no form and no
 * link can send, and no script of another origin without a preflight that `CORS_ORIGINS` decides: that, the `Origin` and
 * SameSite are what keeps other sites from using the cookie. Without the header a cookie is never looked at.
 */
@Injectable()
export class RefreshCookie {
  private cookies: Pick<FastifyInstance, 'parseCookie' | 'serializeCookie'>;

  private readonly origins: CookieOrigins;

  constructor(
    private readonly environment: Environment,
    { httpAdapter }: HttpAdapterHost<FastifyAdapter>,
  ) {
    this.origins = new CookieOrigins(environment);
    // In a context of its own: the plugin's hook would run for every answer of the service.
    void httpAdapter.getInstance().register(async (context) => {
      await context.register(fastifyCookie, { hook: false });
      this.cookies = context;
    });
  }

  /**
   * Whether the request is one that keeps its refresh token in a cookie.
   *
   * @throws RequestValidationError 422 for a mode that there is not; AppError 400 auth.cookie_mode_off; 403
   * auth.origin_refused for an origin that is not allowed, or none
   */
  isUsedBy(request: FastifyRequest): boolean {
    if (!asksForCookie(request)) return false;
    if (this.environment.REFRESH_COOKIE === 'off') throw cookieModeOff();
    if (!this.origins.admit(request.headers.origin)) throw originRefused();
    return true;
  }

  /** @returns undefined for none, and for one that is sent twice, of which one may have been planted */
  read({ headers, protocol }: FastifyRequest): string | undefined {
    const name = nameFor(protocol);
    const { cookie = '' } = headers;
    const times = cookie.split(';').filter((pair) => pair.trimStart().startsWith(`${name}=`)).length;
    return times === 1 ? this.cookies.parseCookie(cookie)[name] : undefined;
  }

  /** Moves the refresh token of an answer into the cookie, where the request asks for that. */
  deliver(request: FastifyRequest, reply: FastifyReply, tokens: TokenResponse): TokenResponse {
    if (!asksForCookie(request) || tokens.refresh_token === undefined) return tokens;
    const { refresh_token, ...answer } = tokens;
    this.write(request, reply, refresh_token, this.environment.SESSION_IDLE_DAYS * SECONDS_A_DAY);
    return answer;
  }

  /** Has the browser forget the cookie. */
  clear(request: FastifyRequest, reply: FastifyReply): void {
    this.write(request, reply, '', 0);
  }

  private write({ protocol }: FastifyRequest, reply: FastifyReply, token: string, maxAge: number): void {
    const { REFRESH_COOKIE } = this.environment;
    const secure = protocol === 'https';
    // Browsers refuse `SameSite=None` without `Secure`: on plain HTTP the two hosts of a developer are one site anyway.
    const sameSite = REFRESH_COOKIE === 'strict' ? 'strict' : REFRESH_COOKIE === 'none' && secure ? 'none' : 'lax';
    const options = { path: '/', httpOnly: true, secure, sameSite, maxAge } as const;
    reply.header('set-cookie', this.cookies.serializeCookie(nameFor(protocol), token, options));
  }
}

/** A slip of the pen must not hand out a refresh token to scripts, as having no header does. */
function asksForCookie({ headers }: FastifyRequest): boolean {
  const mode = headers[AUTH_MODE_HEADER];
  if (mode === undefined) return false;
  if (typeof mode !== 'string' || mode.trim().toLowerCase() !== COOKIE) {
    throw new RequestValidationError([entry(['header', AUTH_MODE_HEADER], mode, NOT_COOKIE)]);
  }
  return true;
}

function nameFor(protocol: string): string {
  return protocol === 'https' ? SECURE_NAME : PLAIN_NAME;
}
