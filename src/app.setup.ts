import { type DynamicModule, VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { declarePassportFields } from './auth/guards/passport-fields.js';
import { installAccountPages } from './auth/recovery/pages/account-pages.js';
import { installDocsPages } from './fastapi/docs-pages/docs-pages.js';
import { installFastApi } from './fastapi/install-fastapi.js';
import { openApiDocument } from './fastapi/openapi/openapi-document.js';
import type { DatabaseSettings } from './platform/config/database-settings.js';
import { AccessLog } from './platform/http/access-log.js';
import { installHeadRoutes } from './platform/http/head-routes.js';
import { installHeaderLimits } from './platform/http/header-limits.js';
import { limitConnections } from './platform/http/limit-connections.js';
import { installRequestChecks } from './platform/http/malformed-requests.js';
import { serveOperatorRoutesOnly } from './platform/http/operator-routes.js';
import { installPathPrefix } from './platform/http/path-prefix.js';
import { installResponseHeaders } from './platform/http/response-headers.js';
import { serverOptions } from './platform/http/server-options.js';
import { SERVICE_VERSION } from './platform/http/service-info.js';
import { registerLostLines } from './platform/logging/lost-lines.js';
import { NestLogger } from './platform/logging/nest-logger.js';
import { installRequestContext } from './platform/logging/request-context.js';
import { Metrics } from './platform/metrics/metrics.js';
import { installRequestMetrics } from './platform/metrics/request-metrics.js';
import type { Environment } from './settings/environment.js';

/** Creates the application for `main` and the tests, ready to listen. */
export async function createApp(
  environment: Environment,
  database: DatabaseSettings,
  logger: Logger,
  access: Logger,
): Promise<NestFastifyApplication> {
  return setUp(AppModule.forRoot(environment, database), environment, logger, access);
}

/** Creates the application from a root module and installs hooks, prefix, versions, CORS and docs pages. */
export async function setUp(
  module: DynamicModule,
  environment: Environment,
  logger: Logger,
  access: Logger = logger,
): Promise<NestFastifyApplication> {
  const accessLog = new AccessLog(access);
  const adapter = new FastifyAdapter(serverOptions(environment, logger, accessLog.writeRefused));
  const fastify = adapter.getInstance();
  declarePassportFields(fastify);
  installHeaderLimits(fastify);
  const requests = installRequestMetrics(fastify);
  accessLog.install(fastify);
  if (logger.isLevelEnabled('debug')) installRequestContext(fastify);
  installPathPrefix(fastify, environment);
  installResponseHeaders(fastify);
  installRequestChecks(fastify, accessLog.writeRefused);
  if (environment.WORKER === 'only') serveOperatorRoutesOnly(fastify);
  installFastApi(fastify, { origins: environment.CORS_ORIGINS }, environment);
  limitConnections(fastify, environment, logger);
  // After `installFastApi`, which lists the methods of a path in the order of their registration.
  installHeadRoutes(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  const { registry } = app.get(Metrics);
  requests.registerIn(registry);
  registerLostLines(registry);
  app.setGlobalPrefix('api', {
    exclude: ['/', 'health', 'health/live', 'health/ready', 'metrics', 'dev/mails', 'dev/mails/:template'],
  });
  app.enableVersioning({ type: VersioningType.URI });
  installAccountPages(fastify, environment);
  if (environment.DOCS_ENABLED) {
    installDocsPages(fastify, environment, () => openApiDocument(app, environment.APP_NAME, SERVICE_VERSION));
  }
  await app.init();
  return app;
}
