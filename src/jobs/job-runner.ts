import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { parseCronItems, run, type Runner, type TaskList, type Worker, type WorkerEvents } from 'graphile-worker';
import type { Logger } from 'pino';
import type { DatabaseSettings } from '../platform/config/database-settings.js';
import { JobSettings } from './job.settings.js';
import { PlatformSettings } from '../platform/config/platform-settings.js';
import { JOB_CONNECTIONS } from '../platform/database/connection-budget.js';
import { namedAfter, poolOptions } from '../platform/database/pg-client.js';
import { JobHandlers } from './job-handlers.js';
import { JobKeeper } from './job-keeper.js';
import { JobMetrics } from './job-metrics.js';
import { GIVE_BACK, GIVE_UP, SPREAD_RETRY } from './job-queue.sql.js';
import { QUEUE_SCHEMA } from './job-queue-schema.js';
import { JobRuns } from './job-runs.js';
import { MAX_ATTEMPTS } from './jobs.js';
import { libraryLogger } from './library-logger.js';
import { PatientPool, RetriedClient } from './patient-pool.js';
import { PermanentFailure } from './permanent-failure.js';

/** Injection token of the `DatabaseSettings` with lasting sessions that workers use. */
export const QUEUE_DATABASE = Symbol('QUEUE_DATABASE');

const RESTART_MS = 1000;
/** How long handlers may take to end after the signal, and how long each later step of a stop may take. */
const SETTLING_MS = 400;
/** Disables graphile-worker's own abort of jobs: `JobRuns.abort` has its own time. */
const NEVER_MS = 2_147_483_647;

/** What exists between `start` and `stop`. */
interface Work {
  readonly pool: PatientPool;
  readonly runs: JobRuns;
  readonly keeper: JobKeeper;
  readonly logger: Logger;
}

/** Runs the jobs of the queue in this process, JOB_CONCURRENCY at a time; none with `WORKER=off`. */
@Injectable()
export class JobRunner implements OnModuleDestroy {
  private work: Work | undefined;
  private workers: Worker[] = [];
  private runner: Runner | undefined;
  private supervising: Promise<void> = Promise.resolve();
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly handlers: JobHandlers,
    private readonly settings: JobSettings,
    private readonly platform: PlatformSettings,
    private readonly metrics: JobMetrics,
    @Inject(QUEUE_DATABASE) private readonly database: DatabaseSettings,
  ) {}

  /** Call it when the process serves requests. Returns at once; the workers wait for the database if it is away. */
  start(logger: Logger): void {
    if (this.platform.WORKER === 'off' || this.work) return;
    const options = { ...poolOptions(this.database, this.platform), max: JOB_CONNECTIONS, Client: RetriedClient };
    const pool = new PatientPool(namedAfter(options, 'jobs'), (err) =>
      logger.warn({ err }, 'the jobs wait for the database'),
    );
    const own = () => new Map(this.workers.map((worker) => [worker.workerId, worker.getActiveJob()?.id]));
    const keeper = new JobKeeper(pool, own, this.metrics, logger);
    this.work = { pool, keeper, runs: new JobRuns(this.metrics, logger), logger };
    this.metrics.expect(this.handlers.all.keys());
    keeper.start();
    this.supervising = this.supervise(this.work);
  }

  /**
   * Takes no more jobs. Running jobs have `patienceMs`; then their handlers are signalled to end, and unfinished jobs go
   * back to the queue, where another process takes them at once.
   */
  async stop(patienceMs: number): Promise<void> {
    if (this.work) this.stopping ??= this.end(this.work, patienceMs);
    await this.stopping;
  }

  async onModuleDestroy(): Promise<void> {
    await this.stop(0);
  }

  /** Restarts graphile-worker, which ends as a whole when one of its parts fails unexpectedly. */
  private async supervise(work: Work): Promise<void> {
    const { logger } = work;
    while (!this.stopping) {
      try {
        this.runner = await this.begin(work);
        await this.runner.promise;
      } catch (err) {
        logger.error({ err }, 'the job queue failed: it is begun anew');
      }
      if (!this.stopping) await sleep(RESTART_MS);
    }
  }

  private async begin({ pool, keeper, runs, logger }: Work): Promise<Runner> {
    this.workers = [];
    const taskList: TaskList = {};
    for (const [name, handler] of this.handlers.all) taskList[name] = runs.taskOf(name, handler);
    const runner = await run({
      pgPool: pool,
      schema: QUEUE_SCHEMA,
      concurrency: this.settings.JOB_CONCURRENCY,
      taskList,
      parsedCronItems: this.crontab(),
      // `Shutdown` handles signals.
      noHandleSignals: true,
      gracefulShutdownAbortTimeout: NEVER_MS,
      logger: libraryLogger((fields) => logger.warn(fields)),
      events: this.events(pool, keeper),
    });
    if (this.stopping) await runner.stop();
    return runner;
  }

  /** At most one job of each schedule waits, and missed times are not made up for. */
  private crontab() {
    return parseCronItems(
      [...this.handlers.schedules].map(([name, match]) => ({
        task: name,
        match,
        identifier: name,
        options: { backfillPeriod: 0, maxAttempts: MAX_ATTEMPTS, jobKey: `schedule ${name}`, jobKeyMode: 'replace' },
      })),
    );
  }

  private events(pool: PatientPool, keeper: JobKeeper): WorkerEvents {
    const events: WorkerEvents = new EventEmitter();
    events.on('worker:create', ({ worker }) => {
      this.workers.push(worker);
      keeper.hurry();
    });
    // graphile-worker does not replace a worker that failed.
    events.on('worker:fatalError', () => void this.runner?.stop().catch(() => undefined));
    events.on('job:complete', ({ job, error }) => {
      if (!error || job.attempts >= job.max_attempts) return;
      // If the statement fails, the library tries the job again after its own pause.
      const [statement, value] =
        error instanceof PermanentFailure ? [GIVE_UP, error.message] : [SPREAD_RETRY, job.attempts];
      pool.query(statement, [job.id, value]).catch(() => undefined);
    });
    return events;
  }

  private async end({ pool, keeper, runs, logger }: Work, patienceMs: number): Promise<void> {
    const ended = this.endTaking();
    const isBusy = () => this.workers.some((worker) => worker.getActiveJob() !== null);
    // Without a running job there is nothing to wait for, and the database may be away for long.
    if (!isBusy()) pool.hurry();
    await within(SETTLING_MS, ended);
    if (isBusy()) await within(patienceMs - SETTLING_MS, ended);
    runs.abort();
    await within(SETTLING_MS, runs.settled());
    pool.hurry();
    const cut = this.workers.flatMap((worker) => worker.getActiveJob() ?? []);
    if (cut.length > 0) {
      const ids = cut.map(({ id }) => id);
      logger.warn(
        { jobs: cut.map(({ task_identifier, id }) => `${task_identifier} ${id}`) },
        'gave back jobs that did not end in time (DRAIN_SECONDS)',
      );
      await within(SETTLING_MS, pool.query(GIVE_BACK, [ids, this.workers.map(({ workerId }) => workerId)]));
      for (const worker of this.workers) void worker.release(true);
    }
    await within(SETTLING_MS, Promise.all([ended, keeper.stop()]));
    await within(SETTLING_MS, pool.end());
  }

  private async endTaking(): Promise<void> {
    await this.runner?.stop().catch(() => undefined);
    await this.supervising;
  }
}

/** Waits for the work, but not longer than this. Ignores its failure. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const over = sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([work.catch(() => undefined), over]);
  timer.abort();
}
