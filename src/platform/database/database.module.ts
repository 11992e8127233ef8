import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DatabaseSettings } from '../config/database-settings.js';
import { Environment } from '../config/environment.js';
import { databaseDriverOptions } from './migrate.js';
import { poolOptions } from './pg-client.js';

/** The pool of connections that serves requests. Features register their entities with `TypeOrmModule.forFeature`. */
@Module({})
export class DatabaseModule {
  static forRoot(settings: DatabaseSettings): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [Environment],
          useFactory: (environment: Environment) => ({
            type: 'postgres',
            ...databaseDriverOptions,
            autoLoadEntities: true,
            retryAttempts: 0,
            extra: poolOptions(settings, environment),
            // Without a listener an idle connection that dies would end the process.
            poolErrorHandler: (error: Error) =>
              new Logger('Database').warn(`an idle connection was lost: ${error.message}`),
          }),
        }),
      ],
    };
  }
}
