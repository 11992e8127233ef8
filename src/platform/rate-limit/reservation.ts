import type { Budget } from './budgets.js';

/** A place in the window of a budget. */
export interface Slot {
  id: string;
  budget: Budget;
  /** End of its window: a place that is released later must not change the next window. */
  window: string;
}

/** The places that one request or message holds until the end of their windows, unless they are released. */
export class Reservation {
  readonly refused = false;
  private isReleased = false;

  constructor(
    readonly slots: readonly Slot[],
    private readonly releaseSlots: (shares: readonly string[]) => Promise<void>,
  ) {}

  /**
   * Releases the places once, and every place of the named shares, whichever reservation holds it. Never throws: a place
   * that cannot be released comes back at the end of its window.
   */
  async release(shares: readonly string[] = []): Promise<void> {
    if (this.isReleased || this.slots.length === 0) return;
    this.isReleased = true;
    await this.releaseSlots(shares);
  }
}

export interface FullBudget {
  budget: Budget;
  /** Seconds until its window ends, at least 1. */
  resetSeconds: number;
}

/** Nothing was reserved, because budgets are full. */
export interface Refusal {
  refused: true;
  full: readonly FullBudget[];
  /** Seconds until all of them have places. */
  resetSeconds: number;
}
