import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { DemandTable } from './demand-table.js';
import { RecentDemand } from './recent-demand.js';

/** Delay between a refusal and the exchange with the other processes. */
const EXCHANGE_DELAY_MS = 250;
/** Demand is reported repeatedly for this time, because a process reads reports only while it refuses requests itself. */
const REPORTED_FOR_MS = 2000;
/** Clients in a report, about 80 kB. */
const MAX_REPORTED = 1000;

/**
 * The recent demand of each client at all processes. Without the exchange, an attacker that one process refuses would
 * count as a new client at every other process and delay legitimate clients there. Processes exchange reports only
 * while they refuse requests.
 */
@Injectable()
export class SharedDemand implements OnModuleDestroy {
  private readonly logger = new Logger('HashQueue');
  private readonly demands = new RecentDemand();
  private timer: NodeJS.Timeout | undefined;
  private exchanging: Promise<void> | undefined;
  private isFailing = false;

  constructor(private readonly table: DemandTable) {}

  /** See `RecentDemand.get`. */
  get(client: string): number {
    return this.demands.get(client);
  }

  /** See `RecentDemand.recordRequest`. */
  recordRequest(client: string): void {
    this.demands.recordRequest(client);
  }

  /** See `RecentDemand.recordRefusal`. Schedules an exchange with the other processes. */
  recordRefusal(client: string, waitMs: number): void {
    this.demands.recordRefusal(client, waitMs);
    this.timer ??= setTimeout(() => {
      this.exchanging = this.exchange();
    }, EXCHANGE_DELAY_MS).unref();
  }

  /** Never throws. If the exchange fails, the process uses its own demand only. */
  private async exchange(): Promise<void> {
    try {
      const others = await this.table.exchange(this.demands.latest(REPORTED_FOR_MS, MAX_REPORTED));
      for (const { demands, age } of others) this.demands.merge(demands, age);
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) {
        this.logger.warn(`cannot exchange the demand for hashes with other processes: ${(error as Error).message}`);
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
