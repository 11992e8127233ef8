import { type FastifyHttpOptions, LogController, type RawServerDefault } from 'fastify';
import type { Logger } from 'pino';
import type { PlatformSettings } from '../config/platform-settings.js';
import { REQUEST_ID_FIELD } from '../logging/request-context.js';
import { requestLog } from '../logging/request-log.js';
import { createClientErrorHandler, type RefusalListener } from './malformed-requests.js';
import { requestId } from './request-id.js';

/** A path that is no route's and never will be: what cannot be a path is unknown like any other. */
const UNROUTABLE = '/%00';

/** All that the parser takes of a request line and its headers; no part of a path is longer. */
const MAX_HEADER_BYTES = 16_384;

/** An absolute target with a host; of any other the router would answer by itself, in a shape of its own. */
const ABSOLUTE = /^https?:\/\/[^/?#][^#]*$/i;

/** The router would cut a path at `#`, which no request target holds (RFC 9112 section 3.2), and fail to decode others. */
function isRoutable(url: string): boolean {
  if (!url.startsWith('/') && !(ABSOLUTE.test(url) && URL.canParse(url))) return false;
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  if (path.includes('#')) return false;
  if (!path.includes('%')) return true;
  try {
    decodeURI(path);
    return true;
  } catch {
    return false;
  }
}

/** How the HTTP server behaves before and around routing. */
export function serverOptions(
  environment: PlatformSettings,
  logger: Logger,
  onRefusal: RefusalListener,
): FastifyHttpOptions<RawServerDefault> & { skipMiddie: boolean } {
  return {
    loggerInstance: logger,
    // One line a request is written by `AccessLog`.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: REQUEST_ID_FIELD }),
    childLoggerFactory: requestLog,
    genReqId: requestId,
    trustProxy: environment.TRUST_PROXY > 0 && ((_address, hop) => hop < environment.TRUST_PROXY),
    bodyLimit: environment.BODY_LIMIT_BYTES,
    keepAliveTimeout: environment.KEEP_ALIVE_SECONDS * 1000,
    requestTimeout: 25_000,
    return503OnClosing: false,
    // Never met: Fastify's own answer to a longer one would quote it, outside every hook.
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
    exposeHeadRoutes: false,
    // A repeated Authorization header becomes a token that verifies nowhere, instead of the first one winning.
    http: {
      joinDuplicateHeaders: true,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Their absence is answered by `installRequestChecks`, in the shape of every other error.
      requireHostHeader: false,
      headersTimeout: 15_000,
      connectionsCheckingInterval: 5000,
    },
    clientErrorHandler: createClientErrorHandler(onRefusal),
    rewriteUrl: ({ url = '/' }) => (isRoutable(url) ? url : UNROUTABLE),
    // Nest's middleware support, which nothing here uses.
    skipMiddie: true,
  };
}
