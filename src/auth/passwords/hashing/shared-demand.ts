import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { DemandTable } from './demand-table.js';
import { RecentDemand } from './recent-demand.js';

/** In a flood that begins, this long an address that one process has refused is new to the others. */
const EXCHANGE_DELAY_MS = 250;
/** Told more than once, since a process only learns while it refuses somebody itself. */
const REPORTED_FOR_MS = 2000;
/** About 80 kB. */
const MAX_REPORTED = 1000;

/**
 * The recent demand of each client at all processes. Without the others a process would take an address for new that has
 * been refused a hundred times next door, and whoever comes honestly would have to wait until each has met every
 * attacker. They tell one another only while somebody is refused: as long as there is room, nobody is asked.
 */
@Injectable()
export class SharedDemand implements OnModuleDestroy {
  private readonly logger = new Logger('HashQueue');
  private readonly demands = new RecentDemand();
  private timer: NodeJS.Timeout | undefined;
  private exchanging: Promise<void> | undefined;
  private isFailing = false;

  constructor(private readonly table: DemandTable) {}

  /** As `RecentDemand.get`. */
  get(client: string): number {
    return this.demands.get(client);
  }

  /** As `RecentDemand.recordRequest`. */
  recordRequest(client: string): void {
    this.demands.recordRequest(client);
  }

  /** As `RecentDemand.recordRefusal`; the other processes are told of it soon. */
  recordRefusal(client: string, waitMs: number): void {
    this.demands.recordRefusal(client, waitMs);
    this.timer ??= setTimeout(() => {
      this.exchanging = this.exchange();
    }, EXCHANGE_DELAY_MS).unref();
  }

  /** Never throws: without the others each process knows what it has seen itself. */
  private async exchange(): Promise<void> {
    try {
      const others = await this.table.exchange(this.demands.latest(REPORTED_FOR_MS, MAX_REPORTED));
      for (const { demands, age } of others) this.demands.merge(demands, age);
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) {
        this.logger.warn(`processes cannot tell one another who asks for hashes: ${(error as Error).message}`);
      }
      this.isFailing = true;
    } finally {
      this.timer = undefined;
    }
  }

  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.timer);
    await this.exchanging;
  }
}
