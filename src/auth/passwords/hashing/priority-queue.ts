/** How a wait ended without a turn: somebody else came before it, it took too long, or nobody waits any more. */
export type Refusal = 'displaced' | 'waited' | 'abandoned';

interface Place<Turn> {
  readonly rank: number;
  readonly end: (outcome: Turn | Refusal) => void;
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
export class WaitingLine<Turn extends object> {
  private readonly places: Place<Turn>[] = [];

  get length(): number {
    return this.places.length;
  }

  /** How many would stand before a newcomer of a rank. */
  before(rank: number): number {
    return this.places.findLastIndex((place) => place.rank <= rank) + 1;
  }

  /**
   * Takes a place and waits.
   *
   * @param patienceMs after this long the place is given up
   * @returns what `next` gave, or why there was no turn; never rejects
   */
  async wait(rank: number, signal: AbortSignal, patienceMs: number): Promise<Turn | Refusal> {
    return new Promise((resolve) => {
      const leave = (refusal: Refusal) => {
        this.places.splice(this.places.indexOf(place), 1);
        place.end(refusal);
      };
      const leaveForGood = () => leave('abandoned');
      const timer = setTimeout(() => leave('waited'), patienceMs);
      const place: Place<Turn> = {
        rank,
        end: (outcome) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', leaveForGood);
          resolve(outcome);
        },
      };
      signal.addEventListener('abort', leaveForGood);
      this.places.splice(this.before(rank), 0, place);
    });
  }

  /** Gives the first one its turn, if any waits. */
  next(makeTurn: () => Turn): void {
    this.places.shift()?.end(makeTurn());
  }

  /** Sends the last one away. */
  dropLast(): void {
    this.places.pop()?.end('displaced');
  }
}
