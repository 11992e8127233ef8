/**
 * Why an entry left the queue without a turn: `displaced` by a client with less demand, `waited` too long, or `abandoned`
 * by its client.
 */
export type QueueRefusal = 'displaced' | 'waited' | 'abandoned';

interface QueueEntry<Turn> {
  readonly rank: number;
  readonly settle: (outcome: Turn | QueueRefusal) => void;
}

/**
 * Maps the recent demand of a client to a rank. Lower ranks go first. Demand within one rank differs by a factor of two at
 * most, and entries of one rank do not overtake each other. The rule "overtake clients with more than twice the demand"
 * would not be transitive, so it would not define an order.
 *
 * @param demand value of `RecentDemand.get`; rounded, so that a request of a few seconds ago still counts as one
 */
export function rankOf(demand: number): number {
  return Math.floor(Math.log2(1 + Math.round(demand)));
}

/**
 * A queue ordered by rank, then by arrival. A client that sends a hundred requests per second cannot keep out a client
 * that sends one, and neither can a hundred such clients.
 */
export class PriorityQueue<Turn extends object> {
  private readonly entries: QueueEntry<Turn>[] = [];

  get length(): number {
    return this.entries.length;
  }

  /** The number of entries before a new entry of this rank. */
  countBefore(rank: number): number {
    return this.entries.findLastIndex((entry) => entry.rank <= rank) + 1;
  }

  /**
   * Adds an entry and waits for its turn.
   *
   * @param signal removes the entry when it aborts
   * @param timeoutMs time after which the entry is removed
   * @returns the turn that `dequeue` made, or why there was none; never rejects
   */
  async enqueue(rank: number, signal: AbortSignal, timeoutMs: number): Promise<Turn | QueueRefusal> {
    return new Promise((resolve) => {
      const leave = (refusal: QueueRefusal) => {
        this.entries.splice(this.entries.indexOf(entry), 1);
        entry.settle(refusal);
      };
      const abandon = () => leave('abandoned');
      const timer = setTimeout(() => leave('waited'), timeoutMs);
      const entry: QueueEntry<Turn> = {
        rank,
        settle: (outcome) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', abandon);
          resolve(outcome);
        },
      };
      signal.addEventListener('abort', abandon);
      this.entries.splice(this.countBefore(rank), 0, entry);
    });
  }

  /** Gives the first entry its turn. Does nothing if the queue is empty. */
  dequeue(makeTurn: () => Turn): void {
    this.entries.shift()?.settle(makeTurn());
  }

  /** Removes the last entry, as `displaced`. */
  evictLast(): void {
    this.entries.pop()?.settle('displaced');
  }
}
