import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import type { DatabaseSettings } from '../config/database-settings.js';
import { DatabaseProbe } from './database-probe.js';
import { HealthController } from './health.controller.js';
import { HealthMetrics } from './health-metrics.js';
import { NEEDED_MIGRATIONS, Readiness } from './readiness.js';

export interface HealthOptions {
  database: DatabaseSettings;
  /** Names of the migrations that this version of the service needs. */
  migrations: readonly string[];
}

/** Health checks for supervisors, proxies and operators. */
@Module({})
export class HealthModule {
  static forRoot({ database, migrations }: HealthOptions): DynamicModule {
    return {
      module: HealthModule,
      // Terminus would log a line for every probe during an outage.
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController],
      providers: [
        { provide: DatabaseProbe, useFactory: () => new DatabaseProbe(database) },
        { provide: NEEDED_MIGRATIONS, useValue: migrations },
        Readiness,
        HealthMetrics,
      ],
    };
  }
}
