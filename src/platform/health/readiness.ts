import { Inject, Injectable, ServiceUnavailableException } from '@nestjs/common';
import { type HealthCheckResult, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { DrainState } from '../http/drain-state.js';
import { DatabaseProbe, type ProbeResult } from './database-probe.js';

/** Injection token of the names of the migrations that this version of the service needs, a `readonly string[]`. */
export const NEEDED_MIGRATIONS = Symbol('NEEDED_MIGRATIONS');

/** Whether requests should be sent to this process, and the reasons. */
export interface ReadinessReport {
  ready: boolean;
  database: 'up' | 'down';
  /** Duration of the query in milliseconds; absent if the database is down. */
  latencyMs?: number;
  /** Whether all migrations that this version needs were executed; unknown if the database is down. */
  migrations: 'done' | 'pending' | 'unknown';
  draining: boolean;
}

/** The checks of /health, run by Terminus. */
@Injectable()
export class Readiness {
  constructor(
    private readonly checks: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly database: DatabaseProbe,
    private readonly draining: DrainState,
    @Inject(NEEDED_MIGRATIONS) private readonly needed: readonly string[],
  ) {}

  async report(): Promise<ReadinessReport> {
    const result = await this.database.probe();
    const { status } = await this.check(result);
    return {
      ready: status === 'ok',
      database: result.up ? 'up' : 'down',
      ...(result.up && { latencyMs: Math.round(result.latencyMs * 100) / 100 }),
      migrations: result.up ? (this.areComplete(result.migrations) ? 'done' : 'pending') : 'unknown',
      draining: this.draining.isDraining,
    };
  }

  /** Terminus throws if a check fails, or if the application is closing. */
  private async check(result: ProbeResult): Promise<Pick<HealthCheckResult, 'status'>> {
    const indicate = (name: string, isHealthy: boolean) => () => {
      const indicator = this.indicators.check(name);
      return isHealthy ? indicator.up() : indicator.down();
    };
    try {
      return await this.checks.check([
        indicate('database', result.up),
        indicate('migrations', result.up && this.areComplete(result.migrations)),
        indicate('draining', !this.draining.isDraining),
      ]);
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      return { status: 'error' };
    }
  }

  /** Ignores migrations of a newer version: old code runs on the new schema until it is replaced. */
  private areComplete(executed: readonly string[]): boolean {
    const names = new Set(executed);
    return this.needed.every((name) => names.has(name));
  }
}
