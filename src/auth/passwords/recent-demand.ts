/** What a client asked for counts half after this long. */
const HALF_LIFE_MS = 60_000;
/** About 2 MB when full. Who is forgotten counts as new, as any address does that was not seen yet. */
const CAPACITY = 10_000;

interface Demand {
  asked: number;
  at: number;
}

/** How much each client has asked for in the last minute or so. */
export class RecentDemand {
  private readonly demands = new Map<string, Demand>();

  constructor(private readonly capacity = CAPACITY) {}

  /** @returns 0 for a new client; each request counts 1, and less as it grows older */
  of(client: string): number {
    const demand = this.demands.get(client);
    return demand ? demand.asked * 2 ** ((demand.at - performance.now()) / HALF_LIFE_MS) : 0;
  }

  /** Counts one more request. */
  add(client: string): void {
    const asked = this.of(client) + 1;
    // The one who has not asked for longest goes first: a Map keeps its entries in the order of their arrival.
    this.demands.delete(client);
    if (this.demands.size >= this.capacity) this.demands.delete(this.demands.keys().next().value ?? '');
    this.demands.set(client, { asked, at: performance.now() });
  }
}
