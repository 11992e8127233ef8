import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './auth/guards/access.guard.js';
import { AuthenticationGuard } from './auth/guards/authentication.guard.js';
import { AccountModule } from './account/account.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { MailModule } from './mail/mail.module.js';
import { schema } from './migrations/schema.js';
import { ConfigModule } from './platform/config/config.module.js';
import type { DatabaseSettings } from './platform/config/database-settings.js';
import type { Environment } from './platform/config/environment.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { migrationNames } from './platform/database/migrate.js';
import { HealthModule } from './platform/health/health.module.js';
import { HttpModule } from './platform/http/http.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { MetricsModule } from './platform/metrics/metrics.module.js';
import { RateLimitModule } from './platform/rate-limit/rate-limit.module.js';
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
        HttpModule,
        MetricsModule,
        HealthModule.forRoot({ database, migrations: migrationNames(schema) }),
        RateLimitModule,
        JobsModule.forRoot(database),
        AuditModule,
        MailModule.forRoot(environment),
        UsersModule,
        AuthModule,
        AccountModule,
      ],
      providers: [
        { provide: APP_GUARD, useClass: AuthenticationGuard },
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
    };
  }
}
