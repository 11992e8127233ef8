import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../platform/http/app-error.js';
import { methodNotAllowed, notFound } from '../../platform/http/http.errors.js';
import { RouteTable } from './route-table.js';

/**
 * Answers what no route matches, as Starlette does and before anything is read or anybody authenticated: 405 with
 * `Allow` for a path of another method, 307 to the path without its trailing slashes where that is one, else 404.
 */
export function installUnmatchedRequests(fastify: FastifyInstance): void {
  const table = RouteTable.of(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404 && !hasEmptyParameter(request)) return done();
    // A redirect keeps the method: a client whose id is empty by a slip would delete the whole list.
    if (!request.is404 && request.method === 'DELETE') return done(notFound());
    const outcome = judge(table, request);
    if (outcome instanceof AppError) return done(outcome);
    // Starlette's redirect has no body and no type. Fastify omits the length in the answer to HEAD.
    reply.removeHeader('content-type').header('content-length', '0').code(307).header('location', outcome).send();
  });
}

/** The router takes `/users/` for `/users/:id` with an empty id, which no route of ours means. */
function hasEmptyParameter({ params }: FastifyRequest): boolean {
  return Object.entries(params as Record<string, string>).some(([name, value]) => value === '' && name !== '*');
}

/** UTF-16 code units of a path that may be one of ours, written wrong. */
const LONGEST_PATH = 1024;

/** @returns the location to redirect to, or the error to answer */
function judge(table: RouteTable, request: FastifyRequest): string | AppError {
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
    return `${originOf(request)}${encodePath(stripped)}${search === '' ? '' : `?${search.replace(UNQUOTED, encodeURIComponent)}`}`;
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

/** What a Host header may be for it to stand in a Location: a name or an address, and a port. */
const HOST = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** The origin that the client asked; empty, for a relative Location, when it is none, whatever a proxy says. */
function originOf({ host, protocol }: FastifyRequest): string {
  return HOST.test(host) && /^https?$/.test(protocol) ? `${protocol}://${host}` : '';
}
