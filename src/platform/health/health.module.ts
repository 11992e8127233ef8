import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import type { DatabaseSettings } from '../config/database-settings.js';
import { DatabaseProbe } from './database-probe.js';
import { HealthController } from './health.controller.js';
import { HealthMetrics } from './health-metrics.js';
import { NEEDED_MIGRATIONS, Readiness } from './readiness.js';

export interface HealthOptions {
  database: DatabaseSettings;
  /** Names of the migrations without which this version of the service cannot serve. */
  migrations: readonly string[];
}

/** What supervisors, proxies and people ask to know whether the service is well. */
@Module({})
export class HealthModule {
  static forRoot({ database, migrations }: HealthOptions): DynamicModule {
    return {
      module: HealthModule,
      // Its log would hold one line for every probe of an outage.
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
