import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { retryTransient } from '../database/transaction.js';
import type { Budget } from './budgets.js';
import type { LimitState } from './limit-state.js';
import { PURGE, PURGE_BATCH, RELEASE, RELEASE_ALL, RESERVE } from './rate-limit-store.sql.js';
import type { FullBudget, Slot } from './reservation.js';

/** The result of a reservation. */
export interface ReservationOutcome {
  /** Empty if a budget is full. */
  slots: readonly Slot[];
  full: readonly FullBudget[];
  /** The state of the tightest budget that is not hidden. */
  state: LimitState | undefined;
}

interface Row {
  key: string;
  points: number;
  seconds: number;
}
type ReservedRow = Row & { taken: boolean; full: boolean; expires_at: string };

const PURGE_EVERY_MS = 60_000;

/**
 * The counts of the limits in PostgreSQL, exact over all processes, by the database's clock. One statement checks and
 * reserves, so that concurrent requests never exceed a budget together.
 */
@Injectable()
export class RateLimitStore implements OnModuleDestroy {
  private readonly logger = new Logger('RateLimit');
  private readonly purging: NodeJS.Timeout;

  constructor(private readonly dataSource: DataSource) {
    this.purging = setInterval(() => void this.purge(), PURGE_EVERY_MS).unref();
  }

  /**
   * Reserves a slot of every budget, or of none if one of them is full. A refusal costs one read and is not counted.
   */
  async reserve(budgets: readonly Budget[]): Promise<ReservationOutcome> {
    const id = randomUUID();
    const rows = await this.query<ReservedRow[]>(RESERVE, [
      budgets.map(({ key }) => key),
      budgets.map(({ most }) => most),
      budgets.map(({ windowSeconds }) => windowSeconds),
      budgets.map(({ shares = {} }) => JSON.stringify(shares)),
      id,
    ]);
    const state = tightest(budgets, rows);
    const slots = toSlots(id, budgets, rows);
    if (slots.length === budgets.length) return { slots, full: [], state };
    // A concurrent request took the last slot of one budget, so the slots of the others are released.
    const released = slots.length > 0 ? await this.release(slots) : undefined;
    const full = budgets.flatMap((budget) => {
      const row = rows.find(({ key, full }) => full && key === budget.key);
      return row ? [{ budget, resetSeconds: Math.max(1, row.seconds) }] : [];
    });
    return { slots: [], full, state: state ?? released };
  }

  /** Releases slots, and every slot of the named shares. Never throws. */
  async release(slots: readonly Slot[], shares: readonly string[] = []): Promise<LimitState | undefined> {
    const budgets = slots.map(({ budget }) => budget);
    try {
      const [rows] = await this.query<[Row[], number]>(RELEASE, [
        budgets.map(({ key }) => key),
        slots.map(({ window }) => window),
        slots[0]?.id,
        shares,
      ]);
      return tightest(budgets, rows);
    } catch (error) {
      this.logger.warn(`could not release slots of a limit: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Releases all slots of the keys, whichever reservation holds them. Never throws. */
  async releaseAll(keys: readonly string[]): Promise<void> {
    try {
      await this.query(RELEASE_ALL, [keys]);
    } catch (error) {
      this.logger.warn(`could not release all slots of a limit: ${messageOf(error)}`);
    }
  }

  /** Deletes expired windows. Several processes may do so at the same time. */
  async purge(): Promise<void> {
    try {
      let purged: number;
      do [, purged] = await this.query<[unknown, number]>(PURGE, []);
      while (purged === PURGE_BATCH);
    } catch (error) {
      this.logger.warn(`could not delete expired windows of limits: ${messageOf(error)}`);
    }
  }

  private async query<Answer>(sql: string, values: unknown[]): Promise<Answer> {
    return retryTransient(async () => this.dataSource.query<Answer>(sql, values));
  }

  onModuleDestroy(): void {
    clearInterval(this.purging);
  }
}

function toSlots(id: string, budgets: readonly Budget[], rows: readonly ReservedRow[]): Slot[] {
  return budgets.flatMap((budget) => {
    const row = rows.find(({ key, taken }) => taken && key === budget.key);
    return row ? [{ id, budget, window: row.expires_at }] : [];
  });
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
