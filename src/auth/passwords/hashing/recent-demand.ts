/** What a client asked for counts half after this long. */
const HALF_LIFE_MS = 60_000;
/** About 2 MB when full. Who is forgotten counts as new, as any address does that was not seen yet. */
const CAPACITY = 10_000;
/** What a refusal counts: one is less than half of a request, and so of no account; two in a row are some. */
const REFUSAL_WEIGHT = 0.4;

interface Demand {
  asked: number;
  at: number;
  /** It was told not to come back before. */
  waitsUntil: number;
  /** When it asked here; long ago for who did at other processes alone. */
  seenAt: number;
}

/** What one process tells the others of a client. Times in milliseconds, relative: processes have no clock in common. */
export interface ReportedDemand {
  client: string;
  /** How much it had asked for … */
  asked: number;
  /** … so long ago. */
  age: number;
  /** How long it was told to wait from now on; 0 or less when that is over. */
  patience: number;
}

/** How much each client has asked for in the last minute or so. A refusal counts little, unless it does not wait as long as it was told. */
export class RecentDemand {
  private readonly demands = new Map<string, Demand>();

  constructor(private readonly capacity = CAPACITY) {}

  /** @returns 0 for a new client; each request counts 1, and less as it grows older */
  get(client: string): number {
    const demand = this.demands.get(client);
    if (!demand) return 0;
    const now = performance.now();
    return decayed(demand.asked, now - demand.at) + (now < demand.waitsUntil ? 1 : 0);
  }

  /** Counts one more request. */
  recordRequest(client: string): void {
    this.set(client, this.get(client) + 1, 0);
  }

  /** Counts a request that was refused: little, and as any other once the client does not wait so long before its next one. */
  recordRefusal(client: string, waitMs: number): void {
    this.set(client, this.get(client) + REFUSAL_WEIGHT, performance.now() + waitMs);
  }

  /** Of those who asked here within so many milliseconds, the latest ones. */
  latest(withinMs: number, most: number): ReportedDemand[] {
    const now = performance.now();
    return [...this.demands]
      .filter(([, { seenAt }]) => now - seenAt <= withinMs)
      .slice(-most)
      .map(([client, { asked, at, waitsUntil }]) => ({
        client,
        asked: Math.round(asked * 100) / 100,
        age: Math.round(now - at),
        patience: Math.round(waitsUntil - now),
      }));
  }

  /**
   * Takes over what another process told so many milliseconds ago, wherever that is more. The greater of two counts, not
   * their sum: the same may be told again, and comes back once this process has told it.
   */
  merge(reported: readonly ReportedDemand[], ageMs: number): void {
    const now = performance.now();
    for (const { client, asked, age, patience } of reported) {
      const known = this.demands.get(client);
      const theirs = decayed(asked, age + ageMs);
      const ours = known ? decayed(known.asked, now - known.at) : 0;
      const patientUntil = now + patience - ageMs;
      if (known && ours >= theirs && known.waitsUntil >= patientUntil) continue;
      const merged = {
        asked: Math.max(ours, theirs),
        at: now,
        waitsUntil: Math.max(known?.waitsUntil ?? 0, patientUntil),
        seenAt: known?.seenAt ?? -Infinity,
      };
      // Who did not ask here stays as near to being forgotten as it was.
      if (known) this.demands.set(client, merged);
      else this.store(client, merged);
    }
  }

  private set(client: string, asked: number, waitsUntil: number): void {
    const now = performance.now();
    this.store(client, { asked, at: now, waitsUntil, seenAt: now });
  }

  private store(client: string, demand: Demand): void {
    // The one who has not asked for longest goes first: a Map keeps its entries in the order of their arrival.
    this.demands.delete(client);
    if (this.demands.size >= this.capacity) this.demands.delete(this.demands.keys().next().value ?? '');
    this.demands.set(client, demand);
  }
}

function decayed(asked: number, ageMs: number): number {
  return asked * 2 ** (-ageMs / HALF_LIFE_MS);
}
