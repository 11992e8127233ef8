/** How a wait ended without a turn: somebody else came before it, it took too long, or nobody waits any more. */
export type QueueRefusal = 'displaced' | 'waited' | 'abandoned';

interface QueueEntry<Turn> {
  readonly rank: number;
  readonly settle: (outcome: Turn | QueueRefusal) => void;
}

/**
 * The rank of who has asked for so much lately: lower ones go first. Everybody of a rank has asked for about as much, up to
 * twice what another one has, and nobody passes anybody of the same. An order of ranks rather than "passes who asked for
 * more than twice as much": that is none, since a may pass b, b pass c, and c not be passed by a who came last.
 *
 * @param demand of `RecentDemand`: what has grown a little older still counts whole, or one request would be none at once
 */
export function rankOf(demand: number): number {
  return Math.floor(Math.log2(1 + Math.round(demand)));
}

/**
 * A queue in order of arrival, but that who asked for a lot lately stands behind who asked for little: an address that asks
 * a hundred times a second cannot keep out one that asks once, nor can a hundred such addresses.
 */
export class PriorityQueue<Turn extends object> {
  private readonly entries: QueueEntry<Turn>[] = [];

  get length(): number {
    return this.entries.length;
  }

  /** How many would stand before a newcomer of a rank. */
  countBefore(rank: number): number {
    return this.entries.findLastIndex((slot) => slot.rank <= rank) + 1;
  }

  /**
   * Takes a place and waits.
   *
   * @param timeoutMs after this long the place is given up
   * @returns what `dequeue` gave, or why there was no turn; never rejects
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

  /** Gives the first one its turn, if any waits. */
  dequeue(makeTurn: () => Turn): void {
    this.entries.shift()?.settle(makeTurn());
  }

  /** Sends the last one away. */
  evictLast(): void {
    this.entries.pop()?.settle('displaced');
  }
}
