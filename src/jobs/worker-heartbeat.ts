import type pg from 'pg';
import type { Logger } from 'pino';
import { AbandonedJobs, type LockedJob, type OwnWorkers } from './abandoned-jobs.js';
import type { JobMetrics, QueueState } from './job-metrics.js';
import { ANNOUNCE, FREE_ABANDONED, KEEP_ALIVE, LOCKED_JOBS, QUEUE_STATE, WITHDRAW } from './job-queue.sql.js';

const LOOK_EVERY_MS = 2000;
const COUNT_EVERY_MS = 10_000;

const REASON = 'The process that did it ended before it was done.';

/**
 * Holds an advisory lock for each worker of this process, on a separate connection, and releases the jobs of workers that
 * have lost theirs. PostgreSQL frees the locks as soon as the process is gone, however it ended. graphile-worker alone would
 * wait four hours.
 */
export class JobKeeper {
  private client: pg.PoolClient | undefined;
  private announced: readonly string[] = [];
  private readonly abandoned = new AbandonedJobs();
  private countedAt = -Infinity;
  private isStopping = false;
  private wake: () => void = () => undefined;
  private watching: Promise<void> | undefined;

  constructor(
    private readonly pool: pg.Pool,
    private readonly workers: () => OwnWorkers,
    private readonly metrics: JobMetrics,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.watching ??= this.watch();
  }

  /** Looks now, because the workers have changed. */
  hurry(): void {
    this.wake();
  }

  /** Releases the locks. Other processes may then take the jobs that still run here. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.wake();
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.isStopping) {
      try {
        this.client ??= await this.connect();
        await this.announce(this.client);
        await this.look(this.client);
        await this.count(this.client);
      } catch (error) {
        this.drop(error as Error);
      }
      await this.pause();
    }
    this.drop(new Error('the jobs of this process have ended'));
  }

  private async connect(): Promise<pg.PoolClient> {
    const client = await this.pool.connect();
    client.on('error', (error) => {
      if (this.client === client) this.drop(error);
      this.wake();
    });
    await client.query(KEEP_ALIVE).catch((error: unknown) => {
      client.release(true);
      throw error;
    });
    return client;
  }

  /** The locks end with their connection, and earlier observations no longer count. */
  private drop(error: Error): void {
    const { client } = this;
    this.client = undefined;
    this.announced = [];
    this.abandoned.forget();
    this.metrics.forgetQueue();
    client?.release(error);
  }

  private async announce(client: pg.PoolClient): Promise<void> {
    const current = [...this.workers().keys()];
    const missing = current.filter((worker) => !this.announced.includes(worker));
    const spare = this.announced.filter((worker) => !current.includes(worker));
    if (missing.length > 0) await client.query(ANNOUNCE, [missing]);
    if (spare.length > 0) await client.query(WITHDRAW, [spare]);
    this.announced = current;
  }

  private async look(client: pg.PoolClient): Promise<void> {
    const { rows } = await client.query<LockedJob>(LOCKED_JOBS);
    const abandoned = this.abandoned.judge(rows, this.workers(), performance.now());
    if (abandoned.length === 0) return;
    const ids = abandoned.map(({ id }) => id);
    const { rowCount } = await client.query(FREE_ABANDONED, [ids, abandoned.map(({ worker }) => worker), REASON]);
    this.abandoned.forget();
    // Another process may have released them first.
    if (!rowCount) return;
    for (const { name } of abandoned) this.metrics.count(name, 'abandoned');
    const jobs = abandoned.map(({ id, name }) => `${name} ${id}`);
    this.logger.warn({ jobs }, 'jobs were begun by processes that are gone: they are done again');
  }

  private async count(client: pg.PoolClient): Promise<void> {
    if (performance.now() - this.countedAt < COUNT_EVERY_MS) return;
    const { rows } = await client.query<QueueState>(QUEUE_STATE);
    this.countedAt = performance.now();
    if (rows[0]) this.metrics.tellQueue(rows[0]);
  }

  private async pause(): Promise<void> {
    if (this.isStopping) return;
    await new Promise<void>((next) => {
      // A random pause keeps processes that started together from looking at the same time.
      const timer = setTimeout(next, LOOK_EVERY_MS * (1 + Math.random() / 2));
      this.wake = () => {
        clearTimeout(timer);
        next();
      };
    });
  }
}
