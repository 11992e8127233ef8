import type { Job, Task } from 'graphile-worker';
import type { Logger } from 'pino';
import type { JobMetrics } from './job-metrics.js';
import type { JobPayload } from './job-queue.js';
import type { JobFunction } from './job-registry.js';
import { PermanentFailure } from './permanent-failure.js';

/** Runs jobs in this process: times, logs and counts each attempt, and aborts jobs when the process stops. */
export class JobExecutor {
  private readonly aborting = new AbortController();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly metrics: JobMetrics,
    private readonly logger: Logger,
  ) {}

  /** The function that graphile-worker calls for jobs of this name. */
  createTask(name: string, handler: JobFunction): Task {
    return async (payload, { job }) => {
      const run = this.run(name, handler, payload, job);
      this.running.add(run);
      try {
        await run;
      } catch (error) {
        // Hides the failure from graphile-worker, which would count the attempt and delay the job.
        if (this.aborting.signal.aborted) await new Promise<never>(() => undefined);
        throw error;
      } finally {
        this.running.delete(run);
      }
    };
  }

  /** Signals the handlers to stop. A later failure does not count as an attempt. */
  abort(): void {
    this.aborting.abort();
  }

  /** Resolves when no handler runs, whether they failed or not. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.running);
  }

  private async run(name: string, handler: JobFunction, payload: unknown, job: Job): Promise<void> {
    const { signal } = this.aborting;
    const start = performance.now();
    const waited_ms = Math.max(0, Date.now() - job.run_at.getTime());
    const fields = { job: name, id: job.id, attempt: job.attempts };
    try {
      await handler(withoutCron(payload), { jobId: job.id, attempt: job.attempts, signal });
      this.metrics.countAttempt(name, 'done');
      this.logger.info({ ...fields, waited_ms, duration_ms: elapsedMs(start) }, 'job done');
    } catch (err) {
      if (signal.aborted) {
        this.metrics.countAttempt(name, 'returned');
        this.logger.info(
          { ...fields, duration_ms: elapsedMs(start) },
          'job interrupted because the process stops: another process runs it',
        );
        throw err;
      }
      const isLast = err instanceof PermanentFailure || job.attempts >= job.max_attempts;
      this.metrics.countAttempt(name, isLast ? 'dead' : 'failed');
      const text = isLast
        ? 'job failed for the last time: `cli jobs:failed` lists it'
        : 'job failed: another attempt follows';
      this.logger[isLast ? 'error' : 'warn']({ ...fields, duration_ms: elapsedMs(start), err }, text);
      throw err;
    } finally {
      this.metrics.observeDuration(name, (performance.now() - start) / 1000);
    }
  }
}

/** Removes `_cron`, the due time that graphile-worker adds to the payload of a scheduled job. */
function withoutCron(payload: unknown): JobPayload {
  const { _cron: _due, ...rest } = (payload ?? {}) as JobPayload & { _cron?: unknown };
  return rest;
}

function elapsedMs(start: number): number {
  return Math.round(performance.now() - start);
}
