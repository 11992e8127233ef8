import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Scheduled } from '../../../jobs/job.decorators.js';
import { EXCHANGE } from './demand-table.sql.js';
import { HashDemand } from './hash-demand.entity.js';
import type { ReportedDemand } from './recent-demand.js';

/** The report of another process. */
export interface ProcessDemands {
  demands: readonly ReportedDemand[];
  /** Milliseconds since it was written, by the database's clock. */
  age: number;
}

/** Exchanges recent hash demand between the processes of all machines through the database. */
@Injectable()
export class DemandTable {
  private readonly process = randomUUID();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Replaces the report of this process.
   *
   * @returns the reports of the other processes from the last minute
   */
  async exchange(demands: readonly ReportedDemand[]): Promise<ProcessDemands[]> {
    const values = EXCHANGE.values({ process: this.process, demands: JSON.stringify(demands) });
    return this.dataSource.query<ProcessDemands[]>(EXCHANGE.text, values);
  }

  /** Deletes old reports, because they contain client addresses. Those of stopped processes are never replaced. */
  @Scheduled('hash-demands.purge', '*/10 * * * *')
  async purge(): Promise<void> {
    await this.dataSource
      .createQueryBuilder()
      .delete()
      .from(HashDemand)
      .where("reportedAt NOT BETWEEN now() - interval '10 minutes' AND now() + interval '10 minutes'")
      .execute();
  }
}
