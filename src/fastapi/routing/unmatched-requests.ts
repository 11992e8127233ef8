import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PlatformSettings } from '../../platform/config/platform-settings.js';
import { AppError } from '../../platform/http/app-error.js';
import { methodNotAllowed, notFound } from '../../platform/http/http.errors.js';
import { isForwarded, isSocketAddress } from '../../platform/http/loopback.js';
import { RouteTable } from './route-table.js';

/** The settings that determine the address of the service. */
export type OwnAddress = Pick<PlatformSettings, 'PUBLIC_URL' | 'isPublicUrlSet' | 'TRUST_PROXY'>;

/**
 * Answers requests that no route matches, as Starlette does, before the body is read and the client authenticated: 405
 * with `Allow` if the path has other methods, 307 if a route matches without the trailing slashes, otherwise 404.
 */
export function installUnmatchedRequests(fastify: FastifyInstance, settings: OwnAddress): void {
  const table = RouteTable.of(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404 && !hasEmptyParameter(request)) return done();
    // A redirect keeps the method, so a client with an empty id would delete the whole list.
    if (!request.is404 && request.method === 'DELETE') return done(notFound());
    const outcome = findOutcome(table, request, settings);
    if (outcome instanceof AppError) return done(outcome);
    // Starlette's redirect has no body and no content type. Fastify omits the length in a response to HEAD.
    reply.removeHeader('content-type').header('content-length', '0').code(307).header('location', outcome).send();
  });
}

/** The router matches `/users/` with `/users/:id` and an empty id, which none of our routes intends. */
function hasEmptyParameter({ params }: FastifyRequest): boolean {
  return Object.entries(params as Record<string, string>).some(([name, value]) => value === '' && name !== '*');
}

/** Maximum length of a path that is compared with the routes, in UTF-16 code units. */
const MAX_PATH_LENGTH = 1024;

/** @returns the location to redirect to, or the error */
function findOutcome(table: RouteTable, request: FastifyRequest, settings: OwnAddress): string | AppError {
  const [rawPath = '', ...query] = request.url.split('?');
  if (rawPath.length > MAX_PATH_LENGTH) return notFound();
  const path = decode(rawPath);
  const methods = path === undefined ? [] : table.methodsOf(path);
  if (methods.length > 0) {
    return methodNotAllowed({ headers: { allow: methods.join(', ') } });
  }
  const stripped = withoutTrailingSlashes(path ?? '');
  if (path !== stripped && stripped !== '' && table.methodsOf(stripped).length > 0) {
    const search = query.join('?');
    return `${originFor(request, settings)}${request.pathPrefix}${encodePath(stripped)}${search === '' ? '' : `?${search.replace(UNQUOTED, encodeURIComponent)}`}`;
  }
  return notFound();
}

/** Uses a loop because a regular expression takes quadratic time for thousands of slashes inside a path. */
function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

/** Undefined for a path with an encoded slash, which the router treats as part of a segment. */
function decode(path: string): string | undefined {
  return /%2f/i.test(path) ? undefined : decodeURIComponent(path);
}

/** Encodes `?` and `#` too, which would otherwise end the path. */
function encodePath(path: string): string {
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent);
}

/** The characters that Node accepts in a request line and Starlette escapes in a Location. */
const UNQUOTED = /["<>\\^`{|}]/g;

/**
 * The origin of a redirect: that of PUBLIC_URL if it is set, otherwise the Host header of a client that is connected
 * directly, as in FastAPI, otherwise none. A relative Location (RFC 9110 section 10.2.2) leads to the origin that the
 * client requested, whatever the Host header says.
 */
function originFor({ headers, protocol, socket }: FastifyRequest, settings: OwnAddress): string {
  const { PUBLIC_URL, isPublicUrlSet, TRUST_PROXY } = settings;
  if (isPublicUrlSet) return new URL(PUBLIC_URL).origin;
  const host = headers.host ?? '';
  const isDirect = TRUST_PROXY === 0 || !isForwarded(headers);
  return isDirect && isSocketAddress(host, socket) ? `${protocol}://${host.toLowerCase()}` : '';
}
