import { Inject, Injectable, ServiceUnavailableException } from '@nestjs/common';
import { type HealthCheckResult, HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import { DrainState } from '../http/drain-state.js';
import { DatabaseProbe, type ProbeResult } from './database-probe.js';

/** Injection token of the names of the migrations that this version of the service needs, a `readonly string[]`. */
export const NEEDED_MIGRATIONS = Symbol('NEEDED_MIGRATIONS');

/** Whether requests should be sent to this process, and what that was concluded from. */
export interface ReadinessReport {
  ready: boolean;
  database: 'up' | 'down';
  /** Milliseconds that the query took; absent when the database is down. */
  latencyMs?: number;
  /** Whether every migration has run that this version needs; unknown when the database is down. */
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
    const sight = await this.database.probe();
    const { status } = await this.check(sight);
    return {
      ready: status === 'ok',
      database: sight.up ? 'up' : 'down',
      ...(sight.up && { latencyMs: Math.round(sight.latencyMs * 100) / 100 }),
      migrations: sight.up ? (this.areMigrated(sight.migrations) ? 'done' : 'pending') : 'unknown',
      draining: this.draining.isDraining,
    };
  }

  /** Terminus throws what did not go well, and knows by itself of an application that is closing. */
  private async check(sight: ProbeResult): Promise<Pick<HealthCheckResult, 'status'>> {
    const told = (name: string, well: boolean) => () => {
      const indicator = this.indicators.check(name);
      return well ? indicator.up() : indicator.down();
    };
    try {
      return await this.checks.check([
        told('database', sight.up),
        told('migrations', sight.up && this.areMigrated(sight.migrations)),
        told('draining', !this.draining.isDraining),
      ]);
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      return { status: 'error' };
    }
  }

  /** What a newer version has added does no harm: old code runs on the new schema while it is being replaced. */
  private areMigrated(ran: readonly string[]): boolean {
    const names = new Set(ran);
    return this.needed.every((name) => names.has(name));
  }
}
