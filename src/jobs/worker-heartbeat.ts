import type pg from 'pg';
import type { Logger } from 'pino';
import { AbandonedJobs, type LockedJob, type OwnWorkers } from './abandoned-jobs.js';
import type { JobMetrics, QueueState } from './job-metrics.js';
import {
  KEEP_ALIVE,
  LOCK_WORKERS,
  LOCKED_JOBS,
  QUEUE_STATE,
  RELEASE_ABANDONED,
  UNLOCK_WORKERS,
} from './job-queue.sql.js';

const BEAT_INTERVAL_MS = 2000;
const REPORT_INTERVAL_MS = 10_000;

const REASON = 'The process that ran the job is gone.';

/**
 * Holds an advisory lock for each worker of this process on a separate connection, and releases the jobs of workers
 * without a lock. PostgreSQL frees the locks as soon as the process is gone, whatever the cause. graphile-worker alone
 * would wait four hours.
 */
export class WorkerHeartbeat {
  private client: pg.PoolClient | undefined;
  private locked: readonly string[] = [];
  private readonly abandoned = new AbandonedJobs();
  private reportedAt = -Infinity;
  private isStopping = false;
  private wake: () => void = () => undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly pool: pg.Pool,
    private readonly workers: () => OwnWorkers,
    private readonly metrics: JobMetrics,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Updates the locks now. Call it when the workers have changed. */
  beatNow(): void {
    this.wake();
  }

  /** Releases the locks. Other processes may then take jobs that still run here. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        this.client ??= await this.connect();
        await this.updateLocks(this.client);
        await this.releaseAbandoned(this.client);
        await this.reportQueueState(this.client);
      } catch (error) {
        this.disconnect(error as Error);
      }
      await this.pause();
    }
    this.disconnect(new Error('the job runner of this process has stopped'));
  }

  private async connect(): Promise<pg.PoolClient> {
    const client = await this.pool.connect();
    client.on('error', (error) => {
      if (this.client === client) this.disconnect(error);
      this.wake();
    });
    await client.query(KEEP_ALIVE).catch((error: unknown) => {
      client.release(true);
      throw error;
    });
    return client;
  }

  /** Closes the connection. Its locks are lost, and earlier observations no longer count. */
  private disconnect(error: Error): void {
    const { client } = this;
    this.client = undefined;
    this.locked = [];
    this.abandoned.reset();
    this.metrics.clearQueueState();
    client?.release(error);
  }

  private async updateLocks(client: pg.PoolClient): Promise<void> {
    const current = [...this.workers().keys()];
    const missing = current.filter((worker) => !this.locked.includes(worker));
    const spare = this.locked.filter((worker) => !current.includes(worker));
    if (missing.length > 0) await client.query(LOCK_WORKERS, [missing]);
    if (spare.length > 0) await client.query(UNLOCK_WORKERS, [spare]);
    this.locked = current;
  }

  private async releaseAbandoned(client: pg.PoolClient): Promise<void> {
    const { rows } = await client.query<LockedJob>(LOCKED_JOBS);
    const abandoned = this.abandoned.detect(rows, this.workers(), performance.now());
    if (abandoned.length === 0) return;
    const ids = abandoned.map(({ id }) => id);
    const { rowCount } = await client.query(RELEASE_ABANDONED, [ids, abandoned.map(({ worker }) => worker), REASON]);
    this.abandoned.reset();
    // Another process may have released them first.
    if (!rowCount) return;
    for (const { name } of abandoned) this.metrics.countAttempt(name, 'abandoned');
    const jobs = abandoned.map(({ id, name }) => `${name} ${id}`);
    this.logger.warn({ jobs }, 'released jobs of processes that are gone: they run again');
  }

  private async reportQueueState(client: pg.PoolClient): Promise<void> {
    if (performance.now() - this.reportedAt < REPORT_INTERVAL_MS) return;
    const { rows } = await client.query<QueueState>(QUEUE_STATE);
    this.reportedAt = performance.now();
    if (rows[0]) this.metrics.setQueueState(rows[0]);
  }

  private async pause(): Promise<void> {
    if (this.isStopping) return;
    await new Promise<void>((next) => {
      // The random pause keeps processes that started together from running in step.
      const timer = setTimeout(next, BEAT_INTERVAL_MS * (1 + Math.random() / 2));
      this.wake = () => {
        clearTimeout(timer);
        next();
      };
    });
  }
}
