import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AccountModule } from './account/account.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { AccessGuard } from './auth/guards/access.guard.js';
import { AuthenticationGuard } from './auth/guards/authentication.guard.js';
import { RecentSignInGuard } from './auth/guards/recent-sign-in.guard.js';
import { authenticationErrors } from './fastapi/errors/authentication-errors.js';
import { renderError } from './fastapi/errors/error-response.js';
import { CompleteValidationGuard } from './fastapi/validation/complete-validation.guard.js';
import { ValidationPipe } from './fastapi/validation/validation.pipe.js';
import { JobsModule } from './jobs/jobs.module.js';
import { MailModule } from './mail/mail.module.js';
import { schema } from './migrations/schema.js';
import { SettingsModule } from './settings/settings.module.js';
import type { DatabaseSettings } from './platform/config/database-settings.js';
import type { Environment } from './settings/environment.js';
import { databaseErrors } from './platform/database/database-errors.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { migrationNames } from './platform/database/migrate.js';
import { HealthModule } from './platform/health/health.module.js';
import { ErrorFilter } from './platform/http/error.filter.js';
import { HttpModule } from './platform/http/http.module.js';
import { MetricsModule } from './platform/metrics/metrics.module.js';
import { RateLimitModule } from './platform/rate-limit/rate-limit.module.js';
import { UsersModule } from './users/users.module.js';

/** Guards, pipe and filter of every request, in running order. The filter handles the errors of all others. */
const everyRequest: Provider[] = [
  { provide: APP_GUARD, useClass: AuthenticationGuard },
  { provide: APP_GUARD, useClass: AccessGuard },
  { provide: APP_GUARD, useClass: RecentSignInGuard },
  { provide: APP_GUARD, useClass: CompleteValidationGuard },
  { provide: APP_PIPE, useClass: ValidationPipe },
  { provide: APP_FILTER, useFactory: () => new ErrorFilter(renderError, [databaseErrors, authenticationErrors]) },
];

/** The root module: imports the modules of the features, and declares the guards, pipe and filter of every request. */
@Module({})
export class AppModule {
  static forRoot(environment: Environment, database: DatabaseSettings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.forRoot(environment),
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
      providers: everyRequest,
    };
  }
}
