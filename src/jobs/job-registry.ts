import { Injectable } from '@nestjs/common';
import { parseCronItem } from 'graphile-worker';
import type { JobPayload } from './job-queue.js';

export interface JobContext {
  /** The id of the job in the queue, the same at each attempt. */
  readonly jobId: string;
  /** 1 at the first attempt. */
  readonly attempt: number;
  /** Aborts when the process ends and has waited long enough. */
  readonly signal: AbortSignal;
}

/**
 * Runs a job. After a crash a job runs again, so a second run must have the same effect. A throw is a failed attempt,
 * which is repeated later; after a `PermanentFailure` there is no other attempt.
 */
export type JobFunction<Payload extends JobPayload = JobPayload> = (
  payload: Payload,
  context: JobContext,
) => Promise<void>;

/** The handlers and schedules of this process. `JobDiscovery` fills it at the start. */
@Injectable()
export class JobRegistry {
  private readonly handlers = new Map<string, JobFunction>();
  private readonly times = new Map<string, string>();

  /** @throws Error for a second handler of a name */
  register(name: string, handler: JobFunction): void {
    if (this.handlers.has(name)) throw new Error(`The job ${name} has two handlers.`);
    this.handlers.set(name, handler);
  }

  /**
   * @param cron five fields, UTC: `17 3 * * *`
   * @throws Error for a second handler of a name, or an invalid time
   */
  schedule(name: string, cron: string, handler: JobFunction): void {
    parseCronItem({ task: name, match: cron }, `the schedule of ${name}`);
    this.register(name, handler);
    this.times.set(name, cron);
  }

  get all(): ReadonlyMap<string, JobFunction> {
    return this.handlers;
  }

  get schedules(): ReadonlyMap<string, string> {
    return this.times;
  }
}
