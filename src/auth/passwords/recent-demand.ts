/** What a client asked for counts half after this long. */
const HALF_LIFE_MS = 60_000;
/** About 2 MB when full. Who is forgotten counts as new, as any address does that was not seen yet. */
const CAPACITY = 10_000;
/** What a refusal counts: one is less than half of a request, and so of no account; two in a row are some. */
const REFUSAL = 0.4;

interface Demand {
  asked: number;
  at: number;
  /** It was told not to come back before. */
  patientUntil: number;
}

/** How much each client has asked for in the last minute or so. A refusal counts little, unless it does not wait as long as it was told. */
export class RecentDemand {
  private readonly demands = new Map<string, Demand>();

  constructor(private readonly capacity = CAPACITY) {}

  /** @returns 0 for a new client; each request counts 1, and less as it grows older */
  of(client: string): number {
    const demand = this.demands.get(client);
    if (!demand) return 0;
    const now = performance.now();
    return demand.asked * 2 ** ((demand.at - now) / HALF_LIFE_MS) + (now < demand.patientUntil ? 1 : 0);
  }

  /** Counts one more request. */
  add(client: string): void {
    this.note(client, this.of(client) + 1, 0);
  }

  /** Counts a request that was refused: little, and as any other once the client does not wait so long before its next one. */
  refuse(client: string, waitMs: number): void {
    this.note(client, this.of(client) + REFUSAL, performance.now() + waitMs);
  }

  private note(client: string, asked: number, patientUntil: number): void {
    // The one who has not asked for longest goes first: a Map keeps its entries in the order of their arrival.
    this.demands.delete(client);
    if (this.demands.size >= this.capacity) this.demands.delete(this.demands.keys().next().value ?? '');
    this.demands.set(client, { asked, at: performance.now(), patientUntil });
  }
}
