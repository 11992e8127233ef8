import type { Budget } from './budgets.js';

/** A slot in the window of a budget. */
export interface Slot {
  id: string;
  budget: Budget;
  /** End of its window, so that a late release does not change the next window. */
  window: string;
}

/** The slots that one request or message holds until the end of their windows, unless they are released. */
export class Reservation {
  readonly refused = false;
  private isReleased = false;

  constructor(
    readonly slots: readonly Slot[],
    private readonly releaseSlots: (shares: readonly string[]) => Promise<void>,
  ) {}

  /**
   * Releases the slots once, and every slot of the named shares, whichever reservation holds it. Never throws: a slot
   * that cannot be released becomes free at the end of its window.
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
  /** Seconds until all of them have free slots. */
  resetSeconds: number;
}
