import { type RequestCounters, type Usage, WINDOW_MS } from './request-counters.js';

/** Clients of one generation: two of them are kept, which bounds the memory at some 20 MB. */
const GENERATION_SIZE = 50_000;

/**
 * Counts in this process. There is no timer a client: clients stand in two generations, of which the older is dropped
 * whole after a window, or when the younger is full. Who has made a request since is in the younger one: a flood from ever
 * new addresses pushes out the idle, and grows nothing.
 */
export class MemoryCounters implements RequestCounters {
  private younger = new Map<string, Usage>();
  private older = new Map<string, Usage>();
  private turnedAt = -Infinity;

  constructor(
    private readonly limit: number,
    private readonly generationSize = GENERATION_SIZE,
  ) {}

  count(client: string, now: number, times = 1): Usage {
    const usage = this.younger.get(client);
    if (usage === undefined || now >= usage.resetsAt) return this.begin(client, now, times);
    usage.used += 1;
    return usage;
  }

  private begin(client: string, now: number, times: number): Usage {
    const former = this.older.get(client);
    if (this.younger.size >= this.generationSize || now - this.turnedAt >= WINDOW_MS) this.turn(now);
    const limit = this.limit * times;
    const usage = former && now < former.resetsAt ? former : { limit, used: 0, resetsAt: now + WINDOW_MS };
    usage.used += 1;
    this.younger.set(client, usage);
    return usage;
  }

  private turn(now: number): void {
    this.older = this.younger;
    this.younger = new Map();
    this.turnedAt = now;
  }

  get tracked(): number {
    return this.younger.size + this.older.size;
  }

  close(): void {
    this.younger.clear();
    this.older.clear();
  }
}
