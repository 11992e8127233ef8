import type { FastifyRequest } from 'fastify';
import type { PlatformSettings } from '../../platform/config/platform-settings.js';
import { isSocketAddress } from '../../platform/http/loopback.js';
import { escapeForTerminal } from '../../platform/logging/control-characters.js';

/** Origins that a process names in an hour, and characters of each: anybody can send any number of origins. */
const MAX_NAMES = 100;
const MAX_LENGTH = 100;
const KEPT_MS = 3_600_000;

/** Logs each origin that CORS refuses, once an hour by name, so that an operator sees which one CORS_ORIGINS lacks. */
export class RefusedOrigins {
  private readonly named = new Set<string>();
  private since = performance.now();
  private readonly own: string;

  constructor({ PUBLIC_URL }: Pick<PlatformSettings, 'PUBLIC_URL'>) {
    this.own = new URL(PUBLIC_URL).origin;
  }

  note(origin: string, request: FastifyRequest): void {
    this.forgetOld();
    if (this.named.size > MAX_NAMES || this.isOwn(origin, request)) return;
    const name = escapeForTerminal(origin.slice(0, MAX_LENGTH));
    if (this.named.has(name)) return;
    this.named.add(name);
    if (this.named.size > MAX_NAMES) {
      request.log.warn('CORS refuses more origins, which are not logged within this hour');
    } else {
      request.log.warn(`CORS refuses the origin ${name}: CORS_ORIGINS does not list it`);
    }
  }

  private forgetOld(): void {
    const now = performance.now();
    if (now - this.since < KEPT_MS) return;
    this.named.clear();
    this.since = now;
  }

  /**
   * Browsers send `Origin` with every POST, even to the page's own origin, where CORS does not apply. Other headers do not
   * decide this, because any client but a browser can set them.
   */
  private isOwn(origin: string, { socket }: FastifyRequest): boolean {
    return origin === this.own || isSocketAddress(origin.replace(/^https?:\/\//, ''), socket);
  }
}
