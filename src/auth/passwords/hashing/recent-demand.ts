/** After this time the demand of a client counts half. */
const HALF_LIFE_MS = 60_000;
/** Clients; about 2 MB when full. An evicted client counts as new. */
const CAPACITY = 10_000;
/** A refusal counts less than half of a request, so that a single one does not change the rank of a client. */
const REFUSAL_WEIGHT = 0.4;

interface Demand {
  /** Weighted number of requests at the time `at`. */
  amount: number;
  at: number;
  /** Until when the client was told to wait; 0 or in the past if it need not wait. */
  waitsUntil: number;
  /** Time of the last request to this process; -Infinity if only other processes reported the client. */
  seenAt: number;
}

/** The demand of one client in a report to the other processes. Times are relative, because clocks differ. */
export interface ReportedDemand {
  client: string;
  /** Weighted number of requests, `age` milliseconds ago. */
  asked: number;
  age: number;
  /** Milliseconds that the client still has to wait before its next request; 0 or less if none. */
  patience: number;
}

/**
 * The number of hashes that each client requested within about a minute. A refused request counts little, unless the
 * client repeats it before its Retry-After.
 */
export class RecentDemand {
  private readonly demands = new Map<string, Demand>();

  constructor(private readonly capacity = CAPACITY) {}

  /** @returns 0 for a new client; each request counts 1, and less with age */
  get(client: string): number {
    const demand = this.demands.get(client);
    if (!demand) return 0;
    const now = performance.now();
    return decayed(demand.amount, now - demand.at) + (now < demand.waitsUntil ? 1 : 0);
  }

  recordRequest(client: string): void {
    this.set(client, this.get(client) + 1, 0);
  }

  /** Counts a refused request as REFUSAL_WEIGHT, plus 1 until `waitMs` have passed. */
  recordRefusal(client: string, waitMs: number): void {
    this.set(client, this.get(client) + REFUSAL_WEIGHT, performance.now() + waitMs);
  }

  /** The latest clients of this process, at most `max`, that sent a request within the last `withinMs` milliseconds. */
  latest(withinMs: number, max: number): ReportedDemand[] {
    const now = performance.now();
    return [...this.demands]
      .filter(([, { seenAt }]) => now - seenAt <= withinMs)
      .slice(-max)
      .map(([client, { amount, at, waitsUntil }]) => ({
        client,
        asked: Math.round(amount * 100) / 100,
        age: Math.round(now - at),
        patience: Math.round(waitsUntil - now),
      }));
  }

  /**
   * Merges the report of another process. Keeps the greater of two values instead of their sum, because reports repeat
   * and contain demand that this process reported before.
   *
   * @param ageMs age of the report
   */
  merge(reported: readonly ReportedDemand[], ageMs: number): void {
    const now = performance.now();
    for (const { client, asked, age, patience } of reported) {
      const known = this.demands.get(client);
      const theirs = decayed(asked, age + ageMs);
      const ours = known ? decayed(known.amount, now - known.at) : 0;
      const waitsUntil = now + patience - ageMs;
      if (known && ours >= theirs && known.waitsUntil >= waitsUntil) continue;
      const merged = {
        amount: Math.max(ours, theirs),
        at: now,
        waitsUntil: Math.max(known?.waitsUntil ?? 0, waitsUntil),
        seenAt: known?.seenAt ?? -Infinity,
      };
      // A report does not change the eviction order: only requests to this process do.
      if (known) this.demands.set(client, merged);
      else this.store(client, merged);
    }
  }

  private set(client: string, amount: number, waitsUntil: number): void {
    const now = performance.now();
    this.store(client, { amount, at: now, waitsUntil, seenAt: now });
  }

  private store(client: string, demand: Demand): void {
    // Evicts the least recently seen client: a Map keeps its entries in insertion order.
    this.demands.delete(client);
    if (this.demands.size >= this.capacity) this.demands.delete(this.demands.keys().next().value ?? '');
    this.demands.set(client, demand);
  }
}

function decayed(amount: number, ageMs: number): number {
  return amount * 2 ** (-ageMs / HALF_LIFE_MS);
}
