import type { FastifyRequest } from 'fastify';
import { visible } from '../../platform/logging/control-characters.js';

/** Origins that a process names, and characters of each: anybody can send any number of origins. */
const MAX_NAMES = 100;
const MAX_LENGTH = 100;

/** Logs each origin that CORS refuses, once by name, so that an operator sees which one CORS_ORIGINS lacks. */
export class RefusedOrigins {
  private readonly named = new Set<string>();

  note(origin: string, request: FastifyRequest): void {
    if (this.named.size > MAX_NAMES || isSameOrigin(origin, request)) return;
    const name = visible(origin.slice(0, MAX_LENGTH));
    if (this.named.has(name)) return;
    this.named.add(name);
    if (this.named.size > MAX_NAMES) {
      request.log.warn('CORS refuses more origins, which are not logged until the process starts again');
    } else {
      request.log.warn(`CORS refuses the origin ${name}: CORS_ORIGINS does not list it`);
    }
  }
}

/** Browsers send `Origin` with every POST, even to the same origin, where CORS does not apply. */
function isSameOrigin(origin: string, { headers, host }: FastifyRequest): boolean {
  return headers['sec-fetch-site'] === 'same-origin' || origin.endsWith(`://${host}`);
}
