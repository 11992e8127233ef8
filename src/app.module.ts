import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthenticationGuard } from './access/authentication.guard.js';
import { AuthModule } from './auth/auth.module.js';
import { ConfigModule } from './platform/config/config.module.js';
import type { DatabaseSettings } from './platform/config/database-settings.js';
import type { Environment } from './platform/config/environment.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { HealthModule } from './platform/health/health.module.js';
import { RootController } from './platform/http/root.controller.js';
import { UsersModule } from './users/users.module.js';

/** The map: one import a folder, and what holds for every route. */
@Module({})
export class AppModule {
  static forRoot(environment: Environment, database: DatabaseSettings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(environment),
        DatabaseModule.forRoot(database),
        HealthModule,
        UsersModule,
        AuthModule,
      ],
      controllers: [RootController],
      providers: [{ provide: APP_GUARD, useClass: AuthenticationGuard }],
    };
  }
}
