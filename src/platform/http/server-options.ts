import { type FastifyHttpOptions, LogController, type RawServerDefault } from 'fastify';
import type { Logger } from 'pino';
import type { PlatformSettings } from '../config/platform-settings.js';
import { REQUEST_ID_FIELD } from '../logging/request-context.js';
import { requestLog } from '../logging/request-log.js';
import { createClientErrorHandler, type RefusalListener } from './malformed-requests.js';
import { requestId } from './request-id.js';

/** A path that never has a route: replaces request targets that cannot be routed, which are thus answered 404. */
const UNROUTABLE = '/%00';

/** Maximum size of a request line with its headers. */
const MAX_HEADER_BYTES = 16_384;

/** An absolute target with a host. The router would answer other absolute targets itself, in its own format. */
const ABSOLUTE = /^https?:\/\/[^/?#][^#]*$/i;

/** Whether the router can handle a target. It would cut the path at `#`, which is invalid (RFC 9112 section 3.2). */
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
    // `AccessLog` writes one line per request.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: REQUEST_ID_FIELD }),
    childLoggerFactory: requestLog,
    genReqId: requestId,
    trustProxy: environment.TRUST_PROXY > 0 && ((_address, hop) => hop < environment.TRUST_PROXY),
    bodyLimit: environment.BODY_LIMIT_BYTES,
    keepAliveTimeout: environment.KEEP_ALIVE_SECONDS * 1000,
    requestTimeout: 25_000,
    return503OnClosing: false,
    // No parameter can be longer. Fastify's own response to one would quote it and skip all hooks.
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
    exposeHeadRoutes: false,
    http: {
      // Makes a repeated Authorization header an invalid token; otherwise the first header would win.
      joinDuplicateHeaders: true,
      maxHeaderSize: MAX_HEADER_BYTES,
      // `installRequestChecks` answers a missing Host header in the format of every other error.
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
