import { DataSource } from 'typeorm';
import { createLogger } from '../../src/platform/logging/logger.js';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { loadEnvironment } from '../../src/settings/load-environment.js';
import { connectionOptions } from '../../src/platform/database/pg-client.js';
import { inTransaction } from '../../src/platform/database/transaction.js';
import { type JobFunction, JobRegistry } from '../../src/jobs/job-registry.js';
import { JobMetrics } from '../../src/jobs/job-metrics.js';
import { JobRunner } from '../../src/jobs/job-runner.js';
import { type JobPayload, JobQueue } from '../../src/jobs/job-queue.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';

export interface LogLine {
  level: number;
  msg: string;
  [field: string]: unknown;
}

/** Runs jobs like a process of the service, without the rest of it. Several workers may share a database. */
export class JobWorker {
  readonly metrics = new Metrics();
  readonly lines: LogLine[] = [];
  private readonly runner: JobRunner;

  constructor(
    database: DatabaseSettings,
    register: (registry: JobRegistry) => void,
    settings: Record<string, string> = {},
  ) {
    const { environment } = loadEnvironment({
      SECRET_KEY: 'a-secret-that-nothing-is-signed-with-and-that-is-long-enough',
      PGHOST: 'passed to the runner directly',
      ENV_FILE: '/dev/null',
      WORKER: 'embedded',
      ...settings,
    });
    const registry = new JobRegistry();
    register(registry);
    this.runner = new JobRunner(registry, environment, environment, new JobMetrics(this.metrics), database);
    const destination = { write: (line: string) => void this.lines.push(JSON.parse(line) as LogLine) };
    this.runner.start(createLogger({ level: 'info', readable: false, destination }));
  }

  /** Starts a worker with one handler. */
  static doing(
    database: DatabaseSettings,
    name: string,
    handler: JobFunction,
    settings?: Record<string, string>,
  ): JobWorker {
    return new JobWorker(database, (registry) => registry.register(name, handler), settings);
  }

  said(msg: RegExp): LogLine[] {
    return this.lines.filter((line) => msg.test(line.msg));
  }

  async stop(patienceMs = 0): Promise<void> {
    await this.runner.stop(patienceMs);
  }
}

/** Enqueues jobs like a feature. */
export class JobSender {
  private readonly jobs = new JobQueue();

  private constructor(private readonly dataSource: DataSource) {}

  static async on(database: DatabaseSettings): Promise<JobSender> {
    return new JobSender(
      await new DataSource({
        type: 'postgres',
        installExtensions: false,
        extra: connectionOptions(database),
      }).initialize(),
    );
  }

  async add(name: string, payload: JobPayload = {}): Promise<void> {
    await inTransaction(this.dataSource, (tx) => this.jobs.enqueue(tx, name, payload));
  }

  /** Adds a job in a transaction that is rolled back. */
  async addInVain(name: string): Promise<void> {
    await inTransaction(this.dataSource, async (tx) => {
      await this.jobs.enqueue(tx, name, {});
      throw new Error('rolled back');
    });
  }

  async stop(): Promise<void> {
    await this.dataSource.destroy();
  }
}
