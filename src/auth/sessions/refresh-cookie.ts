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

/** With the value `cookie`, the client requests its refresh token in a cookie. */
const AUTH_MODE_HEADER = 'x-auth-mode';
const COOKIE = 'cookie';
const NOT_COOKIE: PydanticError = {
  type: 'literal_error',
  msg: `Input should be '${COOKIE}'`,
  ctx: { expected: `'${COOKIE}'` },
};

/** Browsers accept a cookie with this prefix only over HTTPS and only from this host (RFC 6265bis section 4.1.3.2). */
const SECURE_PREFIX = '__Host-';
/** Browsers send at most two: a partitioned and an unpartitioned one. */
const MAX_COOKIES = 4;
const SECONDS_PER_DAY = 86_400;

/** How the response to a request carries the refresh token. */
export interface TokenDelivery {
  readonly inCookie: boolean;
  /** The sessions whose refresh cookies the response overwrites. Empty without cookie mode. */
  readonly replaced: readonly string[];
  /** Sets the cookie in cookie mode. Returns the body of the response, without a refresh token that is in the cookie. */
  deliver(tokens: TokenResponse): TokenResponse;
  /** Deletes the cookie. Does nothing without cookie mode. */
  clear(): void;
}

const IN_BODY: TokenDelivery = {
  inCookie: false,
  replaced: [],
  deliver: (tokens) => tokens,
  clear: () => undefined,
};

/**
 * Keeps the refresh token in a cookie that scripts cannot read. The cookie counts only in a request with the header
 * `X-Auth-Mode`. Forms and links cannot send this header, and scripts of other origins need a preflight that
 * `CORS_ORIGINS` allows. The header, the check of `Origin` and SameSite keep other sites from using the cookie.
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
    // In a separate context, because the hook of the plugin would run for every response of the service.
    void httpAdapter.getInstance().register(async (context) => {
      await context.register(fastifyCookie, { hook: false });
      this.cookies = context;
    });
  }

  /**
   * Reads whether the client requests its refresh token in a cookie or in the body.
   *
   * @throws RequestValidationError 422 for an unknown mode; AppError 400 auth.cookie_mode_off; 403 auth.origin_refused for
   * a missing origin or one that is not allowed
   */
  deliveryFor(request: FastifyRequest, reply: FastifyReply): TokenDelivery {
    if (!this.isCookieMode(request)) return IN_BODY;
    return {
      inCookie: true,
      replaced: this.findSessions(request),
      deliver: ({ refresh_token, ...answer }) => {
        if (refresh_token !== undefined) {
          this.setCookie(request, reply, refresh_token, this.lifetimes.SESSION_IDLE_DAYS * SECONDS_PER_DAY);
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
   * Finds the refresh token in the cookie of a request. A browser sends both a partitioned and an unpartitioned cookie
   * after a change of REFRESH_COOKIE, or during a rolling restart. The newer token counts then.
   *
   * @returns undefined without a cookie, and for several cookies if another host of the site may have set one of them
   */
  findToken(request: FastifyRequest): string | undefined {
    const values = this.cookieValues(request);
    return values.length === 1 ? values[0] : this.verifiedTokens(request).at(-1)?.text;
  }

  private findSessions(request: FastifyRequest): string[] {
    return [...new Set(this.verifiedTokens(request).map(({ sessionId }) => sessionId))];
  }

  /**
   * The genuine refresh tokens in the cookies of a request, newest last. Several cookies over plain HTTP count as none:
   * any host of the site can set a cookie without the prefix.
   */
  private verifiedTokens(request: FastifyRequest): RefreshToken[] {
    const values = this.cookieValues(request);
    if (values.length > 1 && request.protocol !== 'https') return [];
    const tokens = values.flatMap((value) => this.tokens.verify(value ?? '') ?? []);
    // Session ids are UUIDs of version 7 and sort by time.
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
    // Browsers reject `SameSite=None` without `Secure`. Over plain HTTP in development, both hosts are the same site.
    const sameSite = REFRESH_COOKIE === 'strict' ? 'strict' : REFRESH_COOKIE === 'none' && secure ? 'none' : 'lax';
    const options = { path: '/', httpOnly: true, secure, sameSite } as const;
    const set = (value: string, extra: { maxAge: number; partitioned?: boolean }) =>
      reply.header(
        'set-cookie',
        this.cookies.serializeCookie(this.cookieName(protocol), value, { ...options, ...extra }),
      );
    if (sameSite !== 'none') {
      set(token, { maxAge });
      return;
    }
    // Deletes the unpartitioned cookie first: browsers without `Partitioned` treat both as one cookie.
    set('', { maxAge: 0 });
    set(token, { maxAge, partitioned: true });
  }

  private cookieName(protocol: string): string {
    const { REFRESH_COOKIE_NAME } = this.settings;
    return protocol === 'https' ? `${SECURE_PREFIX}${REFRESH_COOKIE_NAME}` : REFRESH_COOKIE_NAME;
  }
}

/** Rejects unknown values, because a typing error must not expose the refresh token to scripts in the body. */
function requestsCookieMode({ headers }: FastifyRequest): boolean {
  const mode = headers[AUTH_MODE_HEADER];
  if (mode === undefined) return false;
  if (typeof mode !== 'string' || mode.trim().length !== COOKIE.length || mode.trim().toLowerCase() !== COOKIE) {
    throw new RequestValidationError([entry(['header', AUTH_MODE_HEADER], mode, NOT_COOKIE)]);
  }
  return true;
}
