import { Injectable, Logger } from '@nestjs/common';
import { CorsSettings } from '../../fastapi/cors/cors.settings.js';
import { PlatformSettings } from '../../platform/config/platform-settings.js';
import { isLoopbackHost } from '../../platform/http/loopback.js';

const WARN_INTERVAL_MS = 60_000;
const MAX_LOGGED_LENGTH = 200;

/** The origins whose pages may use the refresh cookie: that of PUBLIC_URL, and CORS_ORIGINS. */
@Injectable()
export class CookieOrigins {
  private readonly log = new Logger('Sessions');
  private readonly allowed: ReadonlySet<string>;
  private readonly allowsLoopback: boolean;
  private warnedAt = -Infinity;

  constructor({ CORS_ORIGINS }: CorsSettings, { PUBLIC_URL, DEBUG }: PlatformSettings) {
    // As in CORS, `*` does not allow cookies for any origin.
    this.allowed = new Set([new URL(PUBLIC_URL).origin, ...CORS_ORIGINS.filter((origin) => origin !== '*')]);
    this.allowsLoopback = DEBUG;
  }

  /** @param origin the `Origin` header, which browsers send with every POST, even to the same origin */
  isAllowed(origin: string | undefined): boolean {
    if (origin === undefined || origin === 'null') return false;
    if (this.allowed.has(origin) || (this.allowsLoopback && isLoopbackOrigin(origin))) return true;
    this.warn(origin);
    return false;
  }

  /** Logs at most once per minute, because anybody can send such requests. */
  private warn(origin: string): void {
    const now = performance.now();
    if (now - this.warnedAt < WARN_INTERVAL_MS) return;
    this.warnedAt = now;
    const msg = 'X-Auth-Mode: cookie was refused: the Origin is neither that of PUBLIC_URL nor one of CORS_ORIGINS';
    this.log.warn({ origin: origin.slice(0, MAX_LOGGED_LENGTH), msg });
  }
}

function isLoopbackOrigin(origin: string): boolean {
  return isLoopbackHost(/^https?:\/\/(.+)$/.exec(origin)?.[1]);
}
