import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Environment } from '../config/environment.js';
import { parsePathPrefix } from '../config/path-prefix.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The path that a proxy has stripped from this request, as `/auth`; empty for none. */
    readonly pathPrefix: string;
  }
}

type Settings = Pick<Environment, 'PUBLIC_URL' | 'TRUST_PROXY'>;

/**
 * Gives every request its `pathPrefix`: the path of PUBLIC_URL, else X-Forwarded-Prefix of a trusted proxy. Whatever tells
 * a client a path of this service puts it in front.
 */
export function installPathPrefix(fastify: FastifyInstance, settings: Settings): void {
  const configured = configuredPrefix(settings);
  const getter = hasForwardedPrefix(settings) ? forwardedPrefix : () => configured;
  fastify.decorateRequest('pathPrefix', { getter });
}

/** Whether requests decide on the prefix, so that caches must keep their answers apart. */
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
