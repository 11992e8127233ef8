import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DatabaseSettings } from '../config/database-settings.js';
import { PlatformSettings } from '../config/platform-settings.js';
import { isDebugging } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { databaseDriverOptions } from './migrate.js';
import { poolOptions } from './pg-client.js';
import { PoolMetrics } from './pool-metrics.js';
import { loggingDriver, StatementLoggingClient } from './statement-log.js';
import { databaseRetries } from './transaction.js';

/** The pool of connections that serves requests. Features register their entities with `TypeOrmModule.forFeature`. */
@Module({})
export class DatabaseModule {
  constructor({ registry }: Metrics) {
    registry.registerMetric(databaseRetries);
  }

  static forRoot(settings: DatabaseSettings): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [PoolMetrics],
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [PlatformSettings],
          useFactory: (environment: PlatformSettings) => ({
            type: 'postgres',
            ...databaseDriverOptions,
            autoLoadEntities: true,
            retryAttempts: 0,
            ...pgOf(settings, environment),
            // Without a listener, the failure of an idle connection would end the process.
            poolErrorHandler: (error: Error) =>
              new Logger('Database').warn(`an idle connection was lost: ${error.message}`),
          }),
        }),
      ],
    };
  }
}

/** TypeORM's driver and its options. At the debug level, the driver logs every statement. */
function pgOf(settings: DatabaseSettings, environment: PlatformSettings): { extra: object; driver?: unknown } {
  const extra = poolOptions(settings, environment);
  if (!isDebugging(environment.LOG_LEVEL)) return { extra };
  return { extra: { ...extra, Client: StatementLoggingClient }, driver: loggingDriver };
}
