import type { FastifyRequest } from 'fastify';
import type { PlatformSettings } from '../../platform/config/platform-settings.js';
import { isSocketAddress } from '../../platform/http/loopback.js';
import { escapeForTerminal } from '../../platform/logging/control-characters.js';

/** Maximum number of origins that a process logs per hour, and of characters in each: clients can send any origin. */
const MAX_NAMES = 100;
const MAX_LENGTH = 100;
const PERIOD_MS = 3_600_000;

/** Logs each origin that CORS refuses once per hour, so that an operator sees which one is missing in CORS_ORIGINS. */
export class RefusedOrigins {
  private readonly logged = new Set<string>();
  private since = performance.now();
  private readonly ownOrigin: string;

  constructor({ PUBLIC_URL }: Pick<PlatformSettings, 'PUBLIC_URL'>) {
    this.ownOrigin = new URL(PUBLIC_URL).origin;
  }

  note(origin: string, request: FastifyRequest): void {
    this.startPeriod();
    if (this.logged.size > MAX_NAMES || this.isOwn(origin, request)) return;
    const name = escapeForTerminal(origin.slice(0, MAX_LENGTH));
    if (this.logged.has(name)) return;
    this.logged.add(name);
    if (this.logged.size > MAX_NAMES) {
      request.log.warn('CORS refuses more origins; further ones are not logged for up to an hour');
    } else {
      request.log.warn(`CORS refuses the origin ${name}: CORS_ORIGINS does not list it`);
    }
  }

  private startPeriod(): void {
    const now = performance.now();
    if (now - this.since < PERIOD_MS) return;
    this.logged.clear();
    this.since = now;
  }

  /**
   * Browsers send `Origin` with every POST, even to the page's own origin, to which CORS does not apply. Other headers
   * are not considered, because any client except a browser can set them.
   */
  private isOwn(origin: string, { socket }: FastifyRequest): boolean {
    return origin === this.ownOrigin || isSocketAddress(origin.replace(/^https?:\/\//, ''), socket);
  }
}
