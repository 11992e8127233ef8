import { Injectable } from '@nestjs/common';
import { parseCronItem } from 'graphile-worker';
import type { JobPayload } from './job-queue.js';

export interface JobContext {
  /** The id of the job in the queue, the same in each attempt. */
  readonly jobId: string;
  /** 1 in the first attempt. */
  readonly attempt: number;
  /** Aborts when the process stops and its time for running jobs is over. */
  readonly signal: AbortSignal;
}

/**
 * Runs a job. It must be idempotent, because a job runs again after a crash. An exception fails the attempt, and the
 * job runs again later, except after a `PermanentFailure`.
 */
export type JobFunction<Payload extends JobPayload = JobPayload> = (
  payload: Payload,
  context: JobContext,
) => Promise<void>;

/** The handlers and schedules of this process, registered by `JobDiscovery` at the start. */
@Injectable()
export class JobRegistry {
  private readonly handlers = new Map<string, JobFunction>();
  private readonly cronTimes = new Map<string, string>();

  /** @throws Error for a second handler of a name */
  register(name: string, handler: JobFunction): void {
    if (this.handlers.has(name)) throw new Error(`The job ${name} has two handlers.`);
    this.handlers.set(name, handler);
  }

  /**
   * @param cron five fields, UTC: `17 3 * * *`
   * @throws Error for a second handler of a name, or an invalid schedule
   */
  schedule(name: string, cron: string, handler: JobFunction): void {
    parseCronItem({ task: name, match: cron }, `the schedule of ${name}`);
    this.register(name, handler);
    this.cronTimes.set(name, cron);
  }

  get all(): ReadonlyMap<string, JobFunction> {
    return this.handlers;
  }

  get schedules(): ReadonlyMap<string, string> {
    return this.cronTimes;
  }
}
