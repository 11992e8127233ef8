import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OpenApiDocument } from '../openapi/openapi-document.js';
import { ERRORS_PAGE } from '../errors/problem-details.js';
import { Asset, redocAsset, swaggerUiAsset } from './assets.js';
import { errorsPage } from './errors-page.js';
import { OAUTH2_REDIRECT_PAGE, redocPage, SWAGGER_INITIALIZER, swaggerUiPage } from './pages.js';

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** Scripts of our own only, none of them inline; both viewers write styles into the page. ReDoc searches in a worker. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves `/docs`, `/docs/oauth2-redirect`, `/redoc` and `/openapi.json` as FastAPI does, and the list of errors. */
export function installDocsPages(fastify: FastifyInstance, title: string, document: () => OpenApiDocument): void {
  let openapi: string | undefined;
  const page = (url: string, contentType: string, content: () => string) =>
    fastify.get(url, (_request, reply) =>
      reply
        .headers({ 'content-type': contentType, 'cache-control': 'no-cache', 'content-security-policy': PAGE_POLICY })
        .send(content()),
    );
  page('/docs', HTML, () => swaggerUiPage(title));
  page('/docs/oauth2-redirect', HTML, () => OAUTH2_REDIRECT_PAGE);
  page(ERRORS_PAGE, HTML, () => errorsPage(title));
  page('/redoc', HTML, () => redocPage(title));
  page('/openapi.json', 'application/json', () => (openapi ??= JSON.stringify(document())));
  for (const [url, asset] of assets()) {
    fastify.get(url, async (request, reply) => sendAsset(asset, request, reply));
  }
}

function assets(): [string, Asset][] {
  const fromSwaggerUi = (name: string, type: string): [string, Asset] => [
    `/docs/${name}`,
    new Asset(type, () => swaggerUiAsset(name)),
  ];
  return [
    fromSwaggerUi('swagger-ui.css', 'text/css; charset=utf-8'),
    fromSwaggerUi('swagger-ui-bundle.js', SCRIPT),
    fromSwaggerUi('oauth2-redirect.js', SCRIPT),
    fromSwaggerUi('favicon-32x32.png', 'image/png'),
    ['/docs/swagger-initializer.js', new Asset(SCRIPT, () => Buffer.from(SWAGGER_INITIALIZER))],
    ['/redoc/redoc.standalone.js', new Asset(SCRIPT, redocAsset)],
  ];
}

async function sendAsset(asset: Asset, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.headers({
    'content-type': asset.contentType,
    'cache-control': 'public, max-age=3600',
    vary: 'Origin, Accept-Encoding',
  });
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return void reply.send(asset.content());
  await reply.header('content-encoding', 'gzip').send(await asset.gzipped());
}
