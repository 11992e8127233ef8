import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PlatformSettings } from '../../platform/config/platform-settings.js';
import { isWebOrigin } from '../../platform/config/web-origin.js';
import { RefusedOrigins } from './refused-origins.js';

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];
/** Response headers that a script of another origin may read. */
const EXPOSED = 'X-Request-ID, Link, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset';
const PREFLIGHT_SECONDS = '600';

export interface CorsOptions {
  /** Exact origins; `*` allows all of them, without credentials. */
  origins: readonly string[];
}

/**
 * Handles cross-origin requests as Starlette's CORSMiddleware does: it answers a preflight on any path before routing,
 * and adds the headers of an allowed origin to every other response, including errors.
 */
export function installCors(
  fastify: FastifyInstance,
  { origins }: CorsOptions,
  address: Pick<PlatformSettings, 'PUBLIC_URL'>,
): void {
  const allowed = allowedBy(origins);
  const refused = new RefusedOrigins(address);
  fastify.addHook('onRequest', (request, reply, done) => {
    // A cache must not serve the response for one origin, or for none, to another.
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined) return done();
    const permission = permissionFor(origin, allowed);
    if (!permission) refused.note(origin, request);
    if (isPreflight(request)) return answerPreflight(request, reply, permission);
    if (permission) reply.headers(permission).header('access-control-expose-headers', EXPOSED);
    done();
  });
}

type Permission = Readonly<Record<string, string>>;

interface Allowed {
  /** The listed origins, as browsers send them. */
  named: ReadonlySet<string>;
  all: boolean;
}

/** Separates `*`, which is not an origin, from the origins. */
function allowedBy(origins: readonly string[]): Allowed {
  return { named: new Set(origins.filter(isWebOrigin)), all: origins.includes('*') };
}

function permissionFor(origin: string, { named, all }: Allowed): Permission | undefined {
  if (named.has(origin)) {
    return { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' };
  }
  return all ? { 'access-control-allow-origin': '*' } : undefined;
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function answerPreflight(request: FastifyRequest, reply: FastifyReply, permission: Permission | undefined): void {
  const { headers } = request;
  const requestedHeaders = headers['access-control-request-headers'];
  const failures = [
    ...(permission ? [] : ['origin']),
    ...(METHODS.includes(headers['access-control-request-method'] ?? '') ? [] : ['method']),
    ...(headers['access-control-request-private-network'] === undefined ? [] : ['private-network']),
  ];
  reply
    .headers(permission ?? {})
    .headers({
      'access-control-allow-methods': METHODS.join(', '),
      'access-control-max-age': PREFLIGHT_SECONDS,
      ...(requestedHeaders === undefined ? {} : { 'access-control-allow-headers': requestedHeaders }),
      'content-type': 'text/plain; charset=utf-8',
    })
    .code(failures.length === 0 ? 200 : 400)
    .send(failures.length === 0 ? 'OK' : `Disallowed CORS ${failures.join(', ')}`);
}
