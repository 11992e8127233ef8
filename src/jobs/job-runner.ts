import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { run, type Runner, type TaskList, type Worker, type WorkerEvents } from 'graphile-worker';
import type { Logger } from 'pino';
import type { DatabaseSettings } from '../platform/config/database-settings.js';
import { PlatformSettings } from '../platform/config/platform-settings.js';
import { JOB_CONNECTIONS } from '../platform/database/connection-budget.js';
import { poolOptions, withApplicationName } from '../platform/database/pg-client.js';
import { graphileLogger } from './graphile-logger.js';
import { JobExecutor } from './job-executor.js';
import { JobMetrics } from './job-metrics.js';
import { QUEUE_SCHEMA } from './job-queue-schema.js';
import { FAIL_PERMANENTLY, JITTER_RETRY, RELEASE_RUNNING } from './job-queue.sql.js';
import { JobRegistry } from './job-registry.js';
import { JobSettings } from './job.settings.js';
import { PermanentFailure } from './permanent-failure.js';
import { RetryableClient, RetryingPool } from './retrying-pool.js';
import { cronItems } from './scheduler.js';
import { WorkerHeartbeat } from './worker-heartbeat.js';

/** Injection token of the `DatabaseSettings` of the workers, which need connections with lasting sessions. */
export const QUEUE_DATABASE = Symbol('QUEUE_DATABASE');

const RESTART_MS = 1000;
/** How long handlers may take to stop after the signal, and how long each later step of a stop may take. */
const STOP_STEP_MS = 400;
/** Disables graphile-worker's own abort of jobs, which `JobExecutor.abort` replaces. */
const NEVER_MS = 2_147_483_647;

/** The parts that exist between `start` and `stop`. */
interface RunningParts {
  readonly pool: RetryingPool;
  readonly executor: JobExecutor;
  readonly heartbeat: WorkerHeartbeat;
  readonly logger: Logger;
}

/** Runs the jobs of the queue in this process, JOB_CONCURRENCY at a time; none with `WORKER=off`. */
@Injectable()
export class JobRunner implements OnModuleDestroy {
  private parts: RunningParts | undefined;
  private workers: Worker[] = [];
  private runner: Runner | undefined;
  private supervising: Promise<void> = Promise.resolve();
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly registry: JobRegistry,
    private readonly settings: JobSettings,
    private readonly platform: PlatformSettings,
    private readonly metrics: JobMetrics,
    @Inject(QUEUE_DATABASE) private readonly database: DatabaseSettings,
  ) {}

  /** Starts the workers, once the process serves requests. Returns at once, because workers wait for the database. */
  start(logger: Logger): void {
    if (this.platform.WORKER === 'off' || this.parts) return;
    const options = { ...poolOptions(this.database, this.platform), max: JOB_CONNECTIONS, Client: RetryableClient };
    const pool = new RetryingPool(withApplicationName(options, 'jobs'), (err) =>
      logger.warn({ err }, 'the jobs wait for the database'),
    );
    const ownWorkers = () => new Map(this.workers.map((worker) => [worker.workerId, worker.getActiveJob()?.id]));
    const heartbeat = new WorkerHeartbeat(pool, ownWorkers, this.metrics, logger);
    this.parts = { pool, heartbeat, executor: new JobExecutor(this.metrics, logger), logger };
    this.metrics.initialize(this.registry.all.keys());
    heartbeat.start();
    this.supervising = this.supervise(this.parts);
  }

  /**
   * Stops taking jobs. Running jobs have `timeoutMs` to finish. Then their handlers are signalled to stop, and
   * unfinished jobs are returned to the queue, from which another process takes them at once.
   */
  async stop(timeoutMs: number): Promise<void> {
    if (this.parts) this.stopping ??= this.shutDown(this.parts, timeoutMs);
    await this.stopping;
  }

  async onModuleDestroy(): Promise<void> {
    await this.stop(0);
  }

  /** Restarts graphile-worker, which stops as a whole when one of its parts fails unexpectedly. */
  private async supervise(parts: RunningParts): Promise<void> {
    const { logger } = parts;
    while (!this.stopping) {
      try {
        this.runner = await this.startRunner(parts);
        await this.runner.promise;
      } catch (err) {
        logger.error({ err }, 'the job queue failed and is restarted');
      }
      if (!this.stopping) await sleep(RESTART_MS);
    }
  }

  private async startRunner({ pool, heartbeat, executor, logger }: RunningParts): Promise<Runner> {
    this.workers = [];
    const taskList: TaskList = {};
    for (const [name, handler] of this.registry.all) taskList[name] = executor.createTask(name, handler);
    const runner = await run({
      pgPool: pool,
      schema: QUEUE_SCHEMA,
      concurrency: this.settings.JOB_CONCURRENCY,
      taskList,
      parsedCronItems: cronItems(this.registry.schedules),
      // `Shutdown` handles signals.
      noHandleSignals: true,
      gracefulShutdownAbortTimeout: NEVER_MS,
      logger: graphileLogger((fields) => logger.warn(fields)),
      events: this.events(pool, heartbeat),
    });
    if (this.stopping) await runner.stop();
    return runner;
  }

  private events(pool: RetryingPool, heartbeat: WorkerHeartbeat): WorkerEvents {
    const events: WorkerEvents = new EventEmitter();
    events.on('worker:create', ({ worker }) => {
      this.workers.push(worker);
      heartbeat.beatNow();
    });
    // graphile-worker does not replace a worker that failed.
    events.on('worker:fatalError', () => void this.runner?.stop().catch(() => undefined));
    events.on('job:complete', ({ job, error }) => {
      if (!error || job.attempts >= job.max_attempts) return;
      // If the statement fails, the library repeats the job after its own pause.
      const [statement, value] =
        error instanceof PermanentFailure ? [FAIL_PERMANENTLY, error.message] : [JITTER_RETRY, job.attempts];
      pool.query(statement, [job.id, value]).catch(() => undefined);
    });
    return events;
  }

  private async shutDown({ pool, heartbeat, executor, logger }: RunningParts, timeoutMs: number): Promise<void> {
    const stopped = this.stopRunner();
    const isBusy = () => this.workers.some((worker) => worker.getActiveJob() !== null);
    // Without a running job there is nothing to wait for, and the database may be unavailable for a long time.
    if (!isBusy()) pool.stopRetrying();
    await waitAtMost(STOP_STEP_MS, stopped);
    if (isBusy()) await waitAtMost(timeoutMs - STOP_STEP_MS, stopped);
    executor.abort();
    await waitAtMost(STOP_STEP_MS, executor.settled());
    pool.stopRetrying();
    const unfinished = this.workers.flatMap((worker) => worker.getActiveJob() ?? []);
    if (unfinished.length > 0) {
      const ids = unfinished.map(({ id }) => id);
      logger.warn(
        { jobs: unfinished.map(({ task_identifier, id }) => `${task_identifier} ${id}`) },
        'returned jobs to the queue that did not finish in time (DRAIN_SECONDS)',
      );
      await waitAtMost(STOP_STEP_MS, pool.query(RELEASE_RUNNING, [ids, this.workers.map(({ workerId }) => workerId)]));
      for (const worker of this.workers) void worker.release(true);
    }
    await waitAtMost(STOP_STEP_MS, Promise.all([stopped, heartbeat.stop()]));
    await waitAtMost(STOP_STEP_MS, pool.end());
  }

  private async stopRunner(): Promise<void> {
    await this.runner?.stop().catch(() => undefined);
    await this.supervising;
  }
}

/** Waits for the work at most this time, and ignores its failure. */
async function waitAtMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const over = sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([work.catch(() => undefined), over]);
  timer.abort();
}
