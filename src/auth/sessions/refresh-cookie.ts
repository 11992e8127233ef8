import { fastifyCookie } from '@fastify/cookie';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { entry, type PydanticError, RequestValidationError } from '../../fastapi/errors/validation-error.js';
import { LifetimeSettings } from '../tokens/lifetime.settings.js';
import type { TokenResponse } from '../tokens/token-response.dto.js';
import { CookieOrigins } from './cookie-origins.js';
import { type RefreshToken, RefreshTokens } from './refresh-token.js';
import { cookieModeOff, originRefused } from './session.errors.js';
import { SessionSettings } from './session.settings.js';

/** With the value `cookie` the client asks to keep its refresh token in a cookie. */
const AUTH_MODE_HEADER = 'x-auth-mode';
const COOKIE = 'cookie';
const NOT_COOKIE: PydanticError = {
  type: 'literal_error',
  msg: `Input should be '${COOKIE}'`,
  ctx: { expected: `'${COOKIE}'` },
};

/** Browsers accept a cookie with this prefix only over HTTPS and only from this host (RFC 6265bis section 4.1.3.2). */
const SECURE_PREFIX = '__Host-';
/** Browsers send two at most: a partitioned and an unpartitioned one. */
const MAX_COOKIES = 4;
const SECONDS_A_DAY = 86_400;

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

const IN_BODY: TokenDelivery = {
  inCookie: false,
  replaced: [],
  deliver: (tokens) => tokens,
  clear: () => undefined,
};

/**
 * The refresh token where no script can read it. A client asks for this with a header of its own, which no form and no
 * link can send, and no script of another origin without a preflight that `CORS_ORIGINS` decides: that, the `Origin` and
 * SameSite are what keeps other sites from using the cookie. Without the header a cookie is never looked at.
 */
@Injectable()
export class RefreshCookie {
  private cookies: Pick<FastifyInstance, 'parseCookie' | 'serializeCookie'>;

  constructor(
    private readonly settings: SessionSettings,
    private readonly lifetimes: LifetimeSettings,
    private readonly origins: CookieOrigins,
    private readonly tokens: RefreshTokens,
    { httpAdapter }: HttpAdapterHost<FastifyAdapter>,
  ) {
    // In a context of its own: the plugin's hook would run for every answer of the service.
    void httpAdapter.getInstance().register(async (context) => {
      await context.register(fastifyCookie, { hook: false });
      this.cookies = context;
    });
  }

  /**
   * Reads how the client wants its refresh token: in a cookie, or in the body.
   *
   * @throws RequestValidationError 422 for another mode; AppError 400 auth.cookie_mode_off; 403 auth.origin_refused for an
   * origin that is not allowed, or none
   */
  deliveryFor(request: FastifyRequest, reply: FastifyReply): TokenDelivery {
    if (!this.isCookieMode(request)) return IN_BODY;
    return {
      inCookie: true,
      replaced: this.findSessions(request),
      deliver: ({ refresh_token, ...answer }) => {
        if (refresh_token !== undefined) {
          this.setCookie(request, reply, refresh_token, this.lifetimes.SESSION_IDLE_DAYS * SECONDS_A_DAY);
        }
        return answer;
      },
      clear: () => this.setCookie(request, reply, '', 0),
    };
  }

  private isCookieMode(request: FastifyRequest): boolean {
    if (!requestsCookieMode(request)) return false;
    if (this.settings.REFRESH_COOKIE === 'off') throw cookieModeOff();
    if (!this.origins.isAllowed(request.headers.origin)) throw originRefused();
    return true;
  }

  /**
   * The refresh token of the request's cookie. A browser sends a partitioned and an unpartitioned cookie of one name together
   * after a change of REFRESH_COOKIE, or while old and new processes serve side by side: the newer token counts.
   *
   * @returns undefined for no cookie, and for two cookies of which another host of the site may have planted one
   */
  findToken(request: FastifyRequest): string | undefined {
    const values = this.cookieValues(request);
    return values.length === 1 ? values[0] : this.verifiedTokens(request).at(-1)?.text;
  }

  private findSessions(request: FastifyRequest): string[] {
    return [...new Set(this.verifiedTokens(request).map(({ sessionId }) => sessionId))];
  }

  /**
   * The genuine refresh tokens of the request's cookies, the newest last. With several cookies on plain HTTP there are none:
   * any host of the site can plant one there, but not one with the prefix.
   */
  private verifiedTokens(request: FastifyRequest): RefreshToken[] {
    const values = this.cookieValues(request);
    if (values.length > 1 && request.protocol !== 'https') return [];
    const tokens = values.flatMap((value) => this.tokens.verify(value ?? '') ?? []);
    // Session ids are UUIDs of version 7, which sort by time.
    return tokens.toSorted((a, b) =>
      a.sessionId === b.sessionId ? a.generation - b.generation : a.sessionId < b.sessionId ? -1 : 1,
    );
  }

  private cookieValues({ headers: { cookie = '' }, protocol }: FastifyRequest): (string | undefined)[] {
    const name = this.cookieName(protocol);
    const pairs = cookie.split(';').filter((pair) => pair.trimStart().startsWith(`${name}=`));
    return pairs.slice(0, MAX_COOKIES).map((pair) => this.cookies.parseCookie(pair)[name]);
  }

  private setCookie({ protocol }: FastifyRequest, reply: FastifyReply, token: string, maxAge: number): void {
    const { REFRESH_COOKIE } = this.settings;
    const secure = protocol === 'https';
    // Browsers refuse `SameSite=None` without `Secure`: on plain HTTP the two hosts of a developer are one site anyway.
    const sameSite = REFRESH_COOKIE === 'strict' ? 'strict' : REFRESH_COOKIE === 'none' && secure ? 'none' : 'lax';
    const options = { path: '/', httpOnly: true, secure, sameSite } as const;
    const set = (value: string, more: { maxAge: number; partitioned?: boolean }) =>
      reply.header(
        'set-cookie',
        this.cookies.serializeCookie(this.cookieName(protocol), value, { ...options, ...more }),
      );
    if (sameSite !== 'none') {
      set(token, { maxAge });
      return;
    }
    // First, because for a browser that does not know `Partitioned` both are one cookie.
    set('', { maxAge: 0 });
    set(token, { maxAge, partitioned: true });
  }

  private cookieName(protocol: string): string {
    const { REFRESH_COOKIE_NAME } = this.settings;
    return protocol === 'https' ? `${SECURE_PREFIX}${REFRESH_COOKIE_NAME}` : REFRESH_COOKIE_NAME;
  }
}

/** A slip of the pen must not hand out a refresh token to scripts, as having no header does. */
function requestsCookieMode({ headers }: FastifyRequest): boolean {
  const mode = headers[AUTH_MODE_HEADER];
  if (mode === undefined) return false;
  if (typeof mode !== 'string' || mode.trim().length !== COOKIE.length || mode.trim().toLowerCase() !== COOKIE) {
    throw new RequestValidationError([entry(['header', AUTH_MODE_HEADER], mode, NOT_COOKIE)]);
  }
  return true;
}
