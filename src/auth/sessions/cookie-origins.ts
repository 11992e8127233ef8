import { Injectable, Logger } from '@nestjs/common';
import { CorsSettings } from '../../fastapi/cors/cors.settings.js';
import { PlatformSettings } from '../../platform/config/platform-settings.js';
import { isLoopbackHost } from '../../platform/http/direct-requests.js';

const SAY_EVERY_MS = 60_000;
const LONGEST_SHOWN = 200;

/** The origins whose pages may keep a refresh token in a cookie: that of PUBLIC_URL, and CORS_ORIGINS. */
@Injectable()
export class CookieOrigins {
  private readonly log = new Logger('Sessions');
  private readonly allowed: ReadonlySet<string>;
  private readonly allowsLoopback: boolean;
  private saidAt = -Infinity;

  constructor({ CORS_ORIGINS }: CorsSettings, { PUBLIC_URL, DEBUG }: PlatformSettings) {
    // `*` does not allow any origin to use cookies, as in CORS.
    this.allowed = new Set([new URL(PUBLIC_URL).origin, ...CORS_ORIGINS.filter((origin) => origin !== '*')]);
    this.allowsLoopback = DEBUG;
  }

  /** @param origin as browsers send it with every POST, even to the same origin */
  admit(origin: string | undefined): boolean {
    if (origin === undefined || origin === 'null') return false;
    if (this.allowed.has(origin) || (this.allowsLoopback && isOfThisMachine(origin))) return true;
    this.say(origin);
    return false;
  }

  /** Logs at most once a minute, because anybody can send such requests. */
  private say(origin: string): void {
    const now = performance.now();
    if (now - this.saidAt < SAY_EVERY_MS) return;
    this.saidAt = now;
    const msg = 'X-Auth-Mode: cookie was refused: the Origin is neither that of PUBLIC_URL nor one of CORS_ORIGINS';
    this.log.warn({ origin: origin.slice(0, LONGEST_SHOWN), msg });
  }
}

function isOfThisMachine(origin: string): boolean {
  return isLoopbackHost(/^https?:\/\/(.+)$/.exec(origin)?.[1]);
}
