import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Environment } from '../config/environment.js';
import { retryTransient } from '../database/transaction.js';
import type { AppError } from '../http/app-error.js';
import type { Caller } from '../http/caller.js';
import type { ErrorType } from '../http/error-catalogue.js';
import { CLEAR, GIVE_BACK, PURGE, PURGE_BATCH, TAKE } from './exact-limits.sql.js';
import { type LimitState, noteLimit } from './limit-state.js';
import { RateLimitMetrics } from './rate-limit-metrics.js';

/** How often something may happen under a key. */
export interface Budget {
  /** What is counted together: `login:client:192.0.2.1`. */
  key: string;
  /** At most so often in a window, which begins with the first time. */
  most: number;
  windowSeconds: number;
}

/** One of the times that a budget has, taken. */
export interface Place {
  budget: Budget;
  /** The end of the window that it is of: what is given back after it must not touch the next one. */
  window: string;
}

export type Verdict =
  { admitted: true; places: readonly Place[] } | { admitted: false; fullKeys: readonly string[]; resetSeconds: number };

interface Row {
  key: string;
  points: number;
  seconds: number;
}
type TakenRow = Row & { taken: boolean; expires_at: string };

const PURGE_EVERY_MS = 60_000;

/**
 * Limits that hold exactly over all processes, by the database's clock (row B14): a place is taken in one statement before
 * the work and may be given back after it, so that parallel tries never exceed a budget together (row A19). With
 * RATE_LIMIT=off everybody is admitted, and nothing is counted.
 */
@Injectable()
export class ExactLimits implements OnModuleDestroy {
  private readonly logger = new Logger('RateLimit');
  private readonly purging: NodeJS.Timeout;

  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly metrics: RateLimitMetrics,
  ) {
    this.purging = setInterval(() => void this.purge(), PURGE_EVERY_MS).unref();
  }

  /**
   * Takes a place of every budget, or of none when one of them is full: being refused costs one read, and counts for
   * nothing. The answer to the caller shows the tightest of the budgets.
   *
   * @param caller null for what nobody waits for, or must not learn of
   */
  async take(budgets: readonly Budget[], caller: Caller | null): Promise<Verdict> {
    if (!this.environment.RATE_LIMIT) return { admitted: true, places: [] };
    const rows = await this.query<TakenRow[]>(TAKE, [
      budgets.map(({ key }) => key),
      budgets.map(({ most }) => most),
      budgets.map(({ windowSeconds }) => windowSeconds),
    ]);
    const places = placesOf(budgets, rows);
    const admitted = places.length === budgets.length;
    // Somebody took the last place of one budget within the same moment: the others are not used.
    if (!admitted && places.length > 0) await this.giveBack(places, caller);
    const state = tightest(budgets, rows);
    if (state && caller) noteLimit(caller, state);
    return admitted
      ? { admitted, places }
      : { admitted, fullKeys: fullKeys(budgets, rows), resetSeconds: state?.resetSeconds ?? 1 };
  }

  /**
   * Gives places back, and under the keys to clear those of others too. It never throws: what was done is done, and a place
   * that stays taken comes back with the end of its window.
   */
  async giveBack(places: readonly Place[], caller: Caller | null, clear: readonly string[] = []): Promise<void> {
    if (places.length === 0) return;
    const budgets = places.map(({ budget }) => budget);
    try {
      const [rows] = await this.query<[Row[], number]>(GIVE_BACK, [
        budgets.map(({ key }) => key),
        places.map(({ window }) => window),
        budgets.map(({ key }) => clear.includes(key)),
      ]);
      const state = tightest(budgets, rows);
      if (state && caller) noteLimit(caller, state);
    } catch (error) {
      this.logger.warn(`places of a limit could not be given back: ${messageOf(error)}`);
    }
  }

  /** Gives everybody's places of a key back. It never throws, as `giveBack`. */
  async clear(key: string): Promise<void> {
    try {
      await this.query(CLEAR, [[key]]);
    } catch (error) {
      this.logger.warn(`the places of a limit could not be given back: ${messageOf(error)}`);
    }
  }

  /** The 429 of a verdict, counted. */
  refusal(policy: string, error: ErrorType, retryAfterSeconds: number): AppError {
    this.metrics.countRefusal(policy);
    return error({ headers: { 'retry-after': String(retryAfterSeconds) } });
  }

  /** Forgets the windows that are over. Each process does so now and then, several at once without harm. */
  async purge(): Promise<void> {
    try {
      let purged: number;
      do [, purged] = await this.query<[unknown, number]>(PURGE, []);
      while (purged === PURGE_BATCH);
    } catch (error) {
      this.logger.warn(`windows of limits that are over could not be forgotten: ${messageOf(error)}`);
    }
  }

  private async query<Answer>(sql: string, values: unknown[]): Promise<Answer> {
    return retryTransient(async () => this.dataSource.query<Answer>(sql, values));
  }

  onModuleDestroy(): void {
    clearInterval(this.purging);
  }
}

function placesOf(budgets: readonly Budget[], rows: readonly TakenRow[]): Place[] {
  return budgets.flatMap((budget) => {
    const row = rows.find(({ key, taken }) => taken && key === budget.key);
    return row ? [{ budget, window: row.expires_at }] : [];
  });
}

function fullKeys(budgets: readonly Budget[], rows: readonly TakenRow[]): string[] {
  return budgets
    .filter((budget) => rows.some(({ key, taken, points }) => key === budget.key && !taken && points >= budget.most))
    .map(({ key }) => key);
}

function tightest(budgets: readonly Budget[], rows: readonly Row[]): LimitState | undefined {
  const states = budgets.flatMap(({ key, most }) => {
    const row = rows.find((each) => each.key === key);
    return row
      ? [{ limit: most, remaining: Math.max(0, most - row.points), resetSeconds: Math.max(1, row.seconds) }]
      : [];
  });
  return states.toSorted((a, b) => a.remaining - b.remaining)[0];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
