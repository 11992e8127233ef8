/** How a wait ended without a turn: somebody else came before it, it took too long, or nobody waits any more. */
export type Refusal = 'displaced' | 'waited' | 'abandoned';

interface Place<Turn> {
  readonly demand: number;
  readonly end: (outcome: Turn | Refusal) => void;
}

/**
 * A queue in order of arrival, but that who asked for a lot lately stands behind who asked for less than half as much: an
 * address that asks a hundred times a second cannot keep out one that asks once, nor can a hundred such addresses. Those
 * who ask for about as much do not pass each other, so that nobody waits for nothing.
 */
export class WaitingLine<Turn extends object> {
  private readonly places: Place<Turn>[] = [];

  get length(): number {
    return this.places.length;
  }

  /** How many would stand before a newcomer who has asked for so much. */
  before(demand: number): number {
    return this.places.findLastIndex((place) => place.demand < 2 * (demand + 1)) + 1;
  }

  /**
   * Takes a place and waits.
   *
   * @param patienceMs after this long the place is given up
   * @returns what `next` gave, or why there was no turn; never rejects
   */
  async wait(demand: number, signal: AbortSignal, patienceMs: number): Promise<Turn | Refusal> {
    return new Promise((resolve) => {
      const leave = (refusal: Refusal) => {
        this.places.splice(this.places.indexOf(place), 1);
        place.end(refusal);
      };
      const leaveForGood = () => leave('abandoned');
      const timer = setTimeout(() => leave('waited'), patienceMs);
      const place: Place<Turn> = {
        demand,
        end: (outcome) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', leaveForGood);
          resolve(outcome);
        },
      };
      signal.addEventListener('abort', leaveForGood);
      this.places.splice(this.before(demand), 0, place);
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
