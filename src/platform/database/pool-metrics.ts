import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { Counter, Gauge, Histogram } from 'prom-client';
import { DataSource } from 'typeorm';
import { PlatformSettings } from '../config/platform-settings.js';
import { Metrics } from '../metrics/metrics.js';

type Connect = (error: Error | undefined, client?: pg.PoolClient, release?: (error?: Error | boolean) => void) => void;

/** Metrics of the connection pool that serves requests. They are summed over all processes. */
@Injectable()
export class PoolMetrics {
  constructor(
    private readonly metrics: Metrics,
    dataSource: DataSource,
    environment: PlatformSettings,
  ) {
    const { master } = dataSource.driver as unknown as { master: pg.Pool };
    this.gauge('db_pool_connections', 'Open connections of the pool.', () => master.totalCount);
    this.gauge('db_pool_idle', 'Open connections that are not in use.', () => master.idleCount);
    this.gauge('db_pool_waiting', 'Requests that wait for a connection.', () => master.waitingCount);
    this.gauge('db_pool_max', 'Connections that the pool may open.', () => environment.DB_POOL_SIZE);
    this.timeConnects(master);
  }

  private gauge(name: string, help: string, read: () => number): void {
    const registers = [this.metrics.registry];
    const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(read()) });
  }

  /** Times `connect` with a callback, as TypeORM and the pool's own `query` use it, and with a promise. */
  private timeConnects(pool: pg.Pool): void {
    const registers = [this.metrics.registry];
    const wait = new Histogram({
      name: 'db_pool_wait_seconds',
      help: 'Time that requests waited for a connection of the pool, including new connections and failures.',
      buckets: [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    });
    const failures = new Counter({
      name: 'db_pool_connect_failures_total',
      help: 'Requests that got no connection, because all were in use for too long or the database was unavailable.',
      registers,
    });
    const connect = pool.connect.bind(pool) as (callback?: Connect) => Promise<pg.PoolClient> | undefined;
    const timed = (callback?: Connect): Promise<pg.PoolClient> | undefined => {
      const start = performance.now();
      const record = (error: unknown): void => {
        wait.observe((performance.now() - start) / 1000);
        if (error) failures.inc();
      };
      const answer = connect(
        callback &&
          ((error, client, release) => {
            record(error);
            callback(error, client, release);
          }),
      );
      answer?.then(() => record(undefined), record);
      return answer;
    };
    Object.assign(pool, { connect: timed });
  }
}
