import { type RequestCounters, type Usage, WINDOW_MS } from './request-counters.js';

/** Clients per generation. Two generations are kept, which bounds the memory at about 20 MB. */
const GENERATION_SIZE = 50_000;

/**
 * Counts requests in this process. Instead of a timer per client there are two generations: the older is dropped after
 * a window or when the younger is full. Active clients move to the younger one, so a flood from new addresses evicts
 * idle clients and does not grow the memory.
 */
export class MemoryCounters implements RequestCounters {
  private current = new Map<string, Usage>();
  private previous = new Map<string, Usage>();
  private rotatedAt = -Infinity;

  constructor(
    private readonly limit: number,
    private readonly generationSize = GENERATION_SIZE,
  ) {}

  consume(client: string, now: number, times = 1): Usage {
    const usage = this.current.get(client);
    if (usage === undefined || now >= usage.resetsAt) return this.startWindow(client, now, times);
    usage.used += 1;
    return usage;
  }

  private startWindow(client: string, now: number, times: number): Usage {
    const former = this.previous.get(client);
    if (this.current.size >= this.generationSize || now - this.rotatedAt >= WINDOW_MS) this.rotate(now);
    const limit = this.limit * times;
    const usage = former && now < former.resetsAt ? former : { limit, used: 0, resetsAt: now + WINDOW_MS };
    usage.used += 1;
    this.current.set(client, usage);
    return usage;
  }

  private rotate(now: number): void {
    this.previous = this.current;
    this.current = new Map();
    this.rotatedAt = now;
  }

  get tracked(): number {
    return this.current.size + this.previous.size;
  }

  close(): void {
    this.current.clear();
    this.previous.clear();
  }
}
