import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditIntegrityModule } from '../audit/audit-integrity.module.js';
import { FailedJobsModule } from '../jobs/failed-jobs.module.js';
import { migrationDataSource } from '../platform/database/migrate.js';
import { SettingsModule } from '../settings/settings.module.js';
import type { DatabaseContext } from './with-database.js';

/**
 * The services that commands use, without HTTP, hashing and jobs. Connections have no time limits, because the audit
 * log may be large.
 */
@Module({})
export class CommandsModule {
  static forRoot({ environment, database, logger }: DatabaseContext): DynamicModule {
    return {
      module: CommandsModule,
      imports: [
        SettingsModule.forRoot(environment),
        TypeOrmModule.forRootAsync({
          useFactory: () => ({ type: 'postgres', autoLoadEntities: true, retryAttempts: 0 }),
          dataSourceFactory: async ({ entities = [] } = { type: 'postgres' }) =>
            migrationDataSource(database, { entities, migrations: [] }, logger).initialize(),
        }),
        AuditIntegrityModule,
        FailedJobsModule,
      ],
    };
  }
}
