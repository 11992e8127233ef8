import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PlatformSettings } from '../../platform/config/platform-settings.js';
import { AppError } from '../../platform/http/app-error.js';
import { methodNotAllowed, notFound } from '../../platform/http/http.errors.js';
import { isForwarded, isSocketAddress } from '../../platform/http/loopback.js';
import { RouteTable } from './route-table.js';

/** The settings that decide the address of the service. */
export type OwnAddress = Pick<PlatformSettings, 'PUBLIC_URL' | 'isPublicUrlSet' | 'TRUST_PROXY'>;

/**
 * Answers what no route matches, as Starlette does and before anything is read or anybody authenticated: 405 with
 * `Allow` for a path of another method, 307 to the path without its trailing slashes where that is one, else 404.
 */
export function installUnmatchedRequests(fastify: FastifyInstance, settings: OwnAddress): void {
  const table = RouteTable.of(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404 && !hasEmptyParameter(request)) return done();
    // A redirect keeps the method: a client whose id is empty by a slip would delete the whole list.
    if (!request.is404 && request.method === 'DELETE') return done(notFound());
    const outcome = findAnswer(table, request, settings);
    if (outcome instanceof AppError) return done(outcome);
    // Starlette's redirect has no body and no type. Fastify omits the length in the answer to HEAD.
    reply.removeHeader('content-type').header('content-length', '0').code(307).header('location', outcome).send();
  });
}

/** The router takes `/users/` for `/users/:id` with an empty id, which no route of ours means. */
function hasEmptyParameter({ params }: FastifyRequest): boolean {
  return Object.entries(params as Record<string, string>).some(([name, value]) => value === '' && name !== '*');
}

/** Most UTF-16 code units of a path that is compared with the routes. */
const LONGEST_PATH = 1024;

/** @returns the location to redirect to, or the error to answer */
function findAnswer(table: RouteTable, request: FastifyRequest, settings: OwnAddress): string | AppError {
  const [rawPath = '', ...query] = request.url.split('?');
  if (rawPath.length > LONGEST_PATH) return notFound();
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

/** By hand: of thousands of slashes in the midst of a path an expression would look for the end from each of them. */
function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

/** Undefined for a path that no route can have: the router takes an encoded slash for a character of a segment. */
function decode(path: string): string | undefined {
  return /%2f/i.test(path) ? undefined : decodeURIComponent(path);
}

/** What stood for itself in a path must not become its end. */
function encodePath(path: string): string {
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent);
}

/** What Starlette escapes in a Location, of what Node lets through in a request line. */
const UNQUOTED = /["<>\\^`{|}]/g;

/**
 * The origin of a redirect: that of PUBLIC_URL if it is set; otherwise the one that a client connected to directly, as
 * in FastAPI; otherwise none. A relative Location (RFC 9110 section 10.2.2) leads to the origin that the client
 * requested, whatever the Host header says.
 */
function originFor({ headers, protocol, socket }: FastifyRequest, settings: OwnAddress): string {
  const { PUBLIC_URL, isPublicUrlSet, TRUST_PROXY } = settings;
  if (isPublicUrlSet) return new URL(PUBLIC_URL).origin;
  const host = headers.host ?? '';
  const isDirect = TRUST_PROXY === 0 || !isForwarded(headers);
  return isDirect && isSocketAddress(host, socket) ? `${protocol}://${host.toLowerCase()}` : '';
}
