import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type FastifyHttpOptions, LogController, type RawServerDefault } from 'fastify';
import type { Logger } from 'pino';
import type { Environment } from '../config/environment.js';
import { requestId } from './request-id.js';

/** A path that is no route's and never will be: a path that cannot be decoded is unknown like any other. */
const UNROUTABLE = '/%00';

function isDecodable(url: string): boolean {
  if (!url.includes('%')) return true;
  try {
    decodeURI(url);
    return true;
  } catch {
    return false;
  }
}

/** How the HTTP server behaves before and around routing. */
export function serverOptions(environment: Environment, logger: Logger): FastifyHttpOptions<RawServerDefault> & { skipMiddie: boolean } {
  return {
    loggerInstance: logger,
    // One line an answer is written by `installAccessLog`.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    trustProxy: (_address, hop) => hop < environment.TRUST_PROXY,
    bodyLimit: environment.BODY_LIMIT_BYTES,
    // Longer than nginx keeps idle upstream connections (60 s): it must never use one that we are closing (row M24).
    keepAliveTimeout: 72_000,
    requestTimeout: 30_000,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 500 },
    exposeHeadRoutes: false,
    // A repeated Authorization header becomes a token that verifies nowhere, instead of the first one winning.
    http: { joinDuplicateHeaders: true, maxHeaderSize: 16_384, headersTimeout: 15_000, connectionsCheckingInterval: 5000 },
    clientErrorHandler: refuseMalformed,
    rewriteUrl: ({ url = '/' }) => (isDecodable(url) ? url : UNROUTABLE),
    // Nest's middleware support, which nothing here uses.
    skipMiddie: true,
  };
}

/** What Node's parser refuses never becomes a request: answered on the socket, in the shape of every other error. */
function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = JSON.stringify({ detail: STATUS_CODES[status] });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n` +
      `X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n${body}`,
  );
}
