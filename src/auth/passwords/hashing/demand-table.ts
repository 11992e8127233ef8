import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Scheduled } from '../../../jobs/job.decorators.js';
import type { ToldDemand } from './recent-demand.js';

/** What another process has told, so many milliseconds ago. */
export interface Told {
  demands: readonly ToldDemand[];
  age: number;
}

/**
 * $1 this process, $2 what it tells. One row a process, so that there is no more to read than processes tell, however many
 * addresses there are. What is of the future was told before the clock was set back: its age would be negative, and demand
 * grows without bounds backwards. Up to a second of it is of a statement that began a moment later than this one.
 */
const EXCHANGE = `
  WITH told AS (
    INSERT INTO hash_demands (process, demands) VALUES ($1, $2)
    ON CONFLICT (process) DO UPDATE SET demands = excluded.demands, told_at = now()
  )
  SELECT demands, greatest(0, extract(epoch FROM now() - told_at) * 1000)::float8 AS age FROM hash_demands
   WHERE process <> $1 AND told_at > now() - interval '1 minute' AND told_at < now() + interval '1 second'`;

/** They hold addresses of people, and nobody reads them any more. Skips what another process is at. */
const PURGE = `
  DELETE FROM hash_demands WHERE process IN (
    SELECT process FROM hash_demands
     WHERE told_at NOT BETWEEN now() - interval '10 minutes' AND now() + interval '10 minutes' FOR UPDATE SKIP LOCKED)`;

/** Where the processes of all machines tell one another who asks for hashes. Ages are of the database's clock (row B14). */
@Injectable()
export class DemandTable {
  private readonly process = randomUUID();

  constructor(private readonly dataSource: DataSource) {}

  /** Replaces what this process told before. @returns what the others told within the last minute */
  async exchange(demands: readonly ToldDemand[]): Promise<Told[]> {
    return this.dataSource.query<Told[]>(EXCHANGE, [this.process, JSON.stringify(demands)]);
  }

  /** Deletes what was told so long ago that it says nothing any more: also after the last flood, and of processes that are gone. */
  @Scheduled('hash-demands.purge', '*/10 * * * *')
  async purge(): Promise<void> {
    await this.dataSource.query(PURGE);
  }
}
