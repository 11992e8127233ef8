import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { DemandTable } from './demand-table.js';
import { RecentDemand } from './recent-demand.js';

/** In a flood that begins, this long an address that one process has refused is new to the others. */
const TELL_AFTER_MS = 250;
/** Told more than once, since a process only learns while it refuses somebody itself. */
const TOLD_FOR_MS = 2000;
/** About 80 kB. */
const MOST_TOLD = 1000;

/**
 * The recent demand of each client at all processes. Without the others a process would take an address for new that has
 * been refused a hundred times next door, and whoever comes honestly would have to wait until each has met every
 * attacker. They tell one another only while somebody is refused: as long as there is room, nobody is asked.
 */
@Injectable()
export class SharedDemand implements OnModuleDestroy {
  private readonly logger = new Logger('HashGate');
  private readonly demands = new RecentDemand();
  private timer: NodeJS.Timeout | undefined;
  private exchanging: Promise<void> | undefined;
  private troubled = false;

  constructor(private readonly table: DemandTable) {}

  /** As `RecentDemand.of`. */
  of(client: string): number {
    return this.demands.of(client);
  }

  /** As `RecentDemand.add`. */
  add(client: string): void {
    this.demands.add(client);
  }

  /** As `RecentDemand.refuse`; the other processes are told of it soon. */
  refuse(client: string, waitMs: number): void {
    this.demands.refuse(client, waitMs);
    this.timer ??= setTimeout(() => {
      this.exchanging = this.exchange();
    }, TELL_AFTER_MS).unref();
  }

  /** Never throws: without the others each process knows what it has seen itself. */
  private async exchange(): Promise<void> {
    try {
      const others = await this.table.exchange(this.demands.latest(TOLD_FOR_MS, MOST_TOLD));
      for (const { demands, age } of others) this.demands.learn(demands, age);
      this.troubled = false;
    } catch (error) {
      if (!this.troubled) {
        this.logger.warn(`processes cannot tell one another who asks for hashes: ${(error as Error).message}`);
      }
      this.troubled = true;
    } finally {
      this.timer = undefined;
    }
  }

  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.timer);
    await this.exchanging;
  }
}
