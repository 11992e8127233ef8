import { randomUUID } from 'node:crypto';
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
  /**
   * Named shares of the budget that a place counts toward, with their own maximums. All places of a share can be given
   * back without those of other shares. Each place is then stored separately, so `most` must be small.
   */
  shares?: Readonly<Record<string, number>>;
  /** The state of this budget is not shown to the caller: others can change it. */
  hidden?: true;
}

/** One of the times that a budget has, taken. */
export interface Place {
  id: string;
  budget: Budget;
  /** The end of the window that it is of: what is given back after it must not touch the next one. */
  window: string;
}

interface FullBudget {
  key: string;
  /** Seconds until its window ends, at least 1. */
  resetSeconds: number;
}

export type Verdict =
  { admitted: true; places: readonly Place[] } | { admitted: false; full: readonly FullBudget[]; resetSeconds: number };

interface Row {
  key: string;
  points: number;
  seconds: number;
}
type TakenRow = Row & { taken: boolean; full: boolean; expires_at: string };

const PURGE_EVERY_MS = 60_000;

/**
 * Limits that hold exactly over all processes, by the database's clock: a place is taken in one statement before the work and
 * may be given back after it, so that parallel tries never exceed a budget together. With RATE_LIMIT=off everybody is
 * admitted, and nothing is counted.
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
   * nothing. The answer to the caller shows the tightest budget that is not hidden.
   *
   * @param caller null for what nobody waits for, or must not learn of
   */
  async take(budgets: readonly Budget[], caller: Caller | null): Promise<Verdict> {
    if (!this.environment.RATE_LIMIT) return { admitted: true, places: [] };
    const id = randomUUID();
    const rows = await this.query<TakenRow[]>(TAKE, [
      budgets.map(({ key }) => key),
      budgets.map(({ most }) => most),
      budgets.map(({ windowSeconds }) => windowSeconds),
      budgets.map(({ shares = {} }) => JSON.stringify(shares)),
      id,
    ]);
    const places = placesOf(id, budgets, rows);
    const admitted = places.length === budgets.length;
    // Somebody took the last place of one budget within the same moment: the others are not used.
    if (!admitted && places.length > 0) await this.giveBack(places, caller);
    note(caller, tightest(budgets, rows));
    if (admitted) return { admitted, places };
    const full = rows
      .filter((row) => row.full)
      .map(({ key, seconds }) => ({ key, resetSeconds: Math.max(1, seconds) }));
    return { admitted, full, resetSeconds: Math.max(...full.map(({ resetSeconds }) => resetSeconds)) };
  }

  /**
   * Gives places back, and also every place of the named shares, whichever try holds it. It never throws: a place that
   * stays taken comes back at the end of its window.
   */
  async giveBack(places: readonly Place[], caller: Caller | null, shares: readonly string[] = []): Promise<void> {
    if (places.length === 0) return;
    const budgets = places.map(({ budget }) => budget);
    try {
      const [rows] = await this.query<[Row[], number]>(GIVE_BACK, [
        budgets.map(({ key }) => key),
        places.map(({ window }) => window),
        places[0]?.id,
        shares,
      ]);
      note(caller, tightest(budgets, rows));
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

function placesOf(id: string, budgets: readonly Budget[], rows: readonly TakenRow[]): Place[] {
  return budgets.flatMap((budget) => {
    const row = rows.find(({ key, taken }) => taken && key === budget.key);
    return row ? [{ id, budget, window: row.expires_at }] : [];
  });
}

function note(caller: Caller | null, state: LimitState | undefined): void {
  if (caller && state) noteLimit(caller, state);
}

function tightest(budgets: readonly Budget[], rows: readonly Row[]): LimitState | undefined {
  const states = budgets.flatMap(({ key, most, hidden }) => {
    const row = hidden ? undefined : rows.find((each) => each.key === key);
    return row
      ? [{ limit: most, remaining: Math.max(0, most - row.points), resetSeconds: Math.max(1, row.seconds) }]
      : [];
  });
  return states.toSorted((a, b) => a.remaining - b.remaining)[0];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
