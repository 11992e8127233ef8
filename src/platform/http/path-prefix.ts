import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PlatformSettings } from '../config/platform-settings.js';
import { parsePathPrefix } from '../config/path-prefix.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The path that a proxy has stripped from this request, such as `/auth`; empty for none. */
    readonly pathPrefix: string;
  }
}

type Settings = Pick<PlatformSettings, 'PUBLIC_URL' | 'TRUST_PROXY'>;

/**
 * Sets `pathPrefix` on every request: the path of PUBLIC_URL, otherwise X-Forwarded-Prefix of a trusted proxy. Every
 * path of this service in a response begins with it.
 */
export function installPathPrefix(fastify: FastifyInstance, settings: Settings): void {
  const configured = configuredPrefix(settings);
  const getter = hasForwardedPrefix(settings) ? forwardedPrefix : () => configured;
  fastify.decorateRequest('pathPrefix', { getter });
}

/** Whether the prefix depends on the request, so that caches must keep the responses apart. */
export function hasForwardedPrefix(settings: Settings): boolean {
  return settings.TRUST_PROXY > 0 && configuredPrefix(settings) === '';
}

function configuredPrefix({ PUBLIC_URL }: Settings): string {
  return parsePathPrefix(new URL(PUBLIC_URL).pathname) ?? '';
}

function forwardedPrefix(this: FastifyRequest): string {
  const { 'x-forwarded-prefix': prefix } = this.headers;
  return (typeof prefix === 'string' ? parsePathPrefix(prefix) : undefined) ?? '';
}
