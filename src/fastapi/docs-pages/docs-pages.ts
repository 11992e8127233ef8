import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PlatformSettings } from '../../platform/config/platform-settings.js';
import { hasForwardedPrefix } from '../../platform/http/path-prefix.js';
import { ERRORS_PAGE } from '../errors/problem-details.js';
import type { OpenApiDocument } from '../openapi/openapi-document.js';
import { prefixedDocument } from '../openapi/prefixed-document.js';
import { Asset, redocAsset, swaggerUiAsset } from './assets.js';
import { errorsPage } from './errors-page.js';
import { oauth2RedirectPage, redocPage, swaggerInitializer, swaggerUiPage } from './pages.js';

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/**
 * Allows only our own scripts, and none inline. Both viewers add inline styles, and ReDoc's search runs in a worker.
 */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** Headers of an asset whose content depends on the request. */
const VARYING = { 'cache-control': 'no-cache', vary: 'Origin, Accept-Encoding, X-Forwarded-Prefix' };
const PAGE_HEADERS = { 'cache-control': 'no-cache', 'content-security-policy': PAGE_POLICY };

/** Builds the text of a page for clients behind a proxy that strips the path `prefix`. */
type Content = (prefix: string) => string;

/** Serves `/docs`, `/docs/oauth2-redirect`, `/redoc` and `/openapi.json` as FastAPI does, and the list of errors. */
export function installDocsPages(
  fastify: FastifyInstance,
  settings: Pick<PlatformSettings, 'APP_NAME' | 'PUBLIC_URL' | 'TRUST_PROXY'>,
  document: () => OpenApiDocument,
): void {
  const { APP_NAME: title } = settings;
  const varies = hasForwardedPrefix(settings);
  const headers = { ...PAGE_HEADERS, ...(varies ? { vary: 'Origin, X-Forwarded-Prefix' } : {}) };
  const page = (url: string, contentType: string, content: Content) => {
    const text = rememberLast(content);
    const pageHeaders = { ...headers, 'content-type': contentType };
    fastify.get(url, (request, reply) => reply.headers(pageHeaders).send(text(request.pathPrefix)));
  };
  page('/docs', HTML, (prefix) => swaggerUiPage(title, prefix));
  page('/docs/oauth2-redirect', HTML, oauth2RedirectPage);
  page(ERRORS_PAGE, HTML, (prefix) => errorsPage(title, prefix));
  page('/redoc', HTML, (prefix) => redocPage(title, prefix));
  page('/openapi.json', 'application/json', documentText(document));
  for (const [url, asset] of assets(varies)) {
    fastify.get(url, async (request, reply) => sendAsset(asset(request.pathPrefix), request, reply));
  }
}

function documentText(document: () => OpenApiDocument): Content {
  let openapi: OpenApiDocument | undefined;
  return (prefix) => prefixedDocument((openapi ??= document()), prefix);
}

/**
 * Caches the result for one prefix only: almost all requests have the same, and clients can send any number of them.
 */
function rememberLast<Built>(build: (prefix: string) => Built): (prefix: string) => Built {
  let last: { prefix: string; built: Built } | undefined;
  return (prefix) => {
    if (last?.prefix !== prefix) last = { prefix, built: build(prefix) };
    return last.built;
  };
}

type AssetRoute = [url: string, asset: (prefix: string) => Asset];

/** @param varies whether the prefix depends on the request */
function assets(varies: boolean): AssetRoute[] {
  const fixed = (url: string, type: string, read: () => Buffer): AssetRoute => {
    const asset = new Asset(type, read);
    return [url, () => asset];
  };
  const fromSwaggerUi = (name: string, type: string) => fixed(`/docs/${name}`, type, () => swaggerUiAsset(name));
  return [
    fromSwaggerUi('swagger-ui.css', 'text/css; charset=utf-8'),
    fromSwaggerUi('swagger-ui-bundle.js', SCRIPT),
    fromSwaggerUi('oauth2-redirect.js', SCRIPT),
    fromSwaggerUi('favicon-32x32.png', 'image/png'),
    [
      '/docs/swagger-initializer.js',
      rememberLast((prefix) => new Asset(SCRIPT, () => Buffer.from(swaggerInitializer(prefix)), varies ? VARYING : {})),
    ],
    fixed('/redoc/redoc.standalone.js', SCRIPT, redocAsset),
  ];
}

async function sendAsset(asset: Asset, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.headers(asset.headers);
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return void reply.send(asset.content());
  await reply.header('content-encoding', 'gzip').send(await asset.gzipped());
}
