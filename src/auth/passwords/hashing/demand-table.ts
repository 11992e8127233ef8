import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Scheduled } from '../../../jobs/job.decorators.js';
import { EXCHANGE } from './demand-table.sql.js';
import { HashDemand } from './hash-demand.entity.js';
import type { ReportedDemand } from './recent-demand.js';

/** What another process has told, so many milliseconds ago. */
export interface ProcessDemands {
  demands: readonly ReportedDemand[];
  age: number;
}

/** Exchanges the recent demand for hashes between the processes of all machines. The database's clock gives the ages. */
@Injectable()
export class DemandTable {
  private readonly process = randomUUID();

  constructor(private readonly dataSource: DataSource) {}

  /** Replaces what this process told before. @returns what the others told within the last minute */
  async exchange(demands: readonly ReportedDemand[]): Promise<ProcessDemands[]> {
    const values = EXCHANGE.values({ process: this.process, demands: JSON.stringify(demands) });
    return this.dataSource.query<ProcessDemands[]>(EXCHANGE.text, values);
  }

  /** Deletes old rows, because they hold addresses of people: also after a flood, and those of processes that are gone. */
  @Scheduled('hash-demands.purge', '*/10 * * * *')
  async purge(): Promise<void> {
    await this.dataSource
      .createQueryBuilder()
      .delete()
      .from(HashDemand)
      .where("toldAt NOT BETWEEN now() - interval '10 minutes' AND now() + interval '10 minutes'")
      .execute();
  }
}
