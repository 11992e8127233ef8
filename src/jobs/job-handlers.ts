import { Injectable } from '@nestjs/common';
import { parseCronItem } from 'graphile-worker';
import type { JobPayload } from './jobs.js';

export interface JobContext {
  /** Of the queue; the same at every try. */
  readonly jobId: string;
  /** 1 at the first try. */
  readonly attempt: number;
  /** Aborts when the process ends and has waited long enough. */
  readonly signal: AbortSignal;
}

/**
 * Does a job. It may be done twice, after a crash: the effect must be the same. A throw is a failed try, which is repeated
 * later; a `PermanentFailure` is the last.
 */
export type JobHandler = (payload: JobPayload, context: JobContext) => Promise<void>;

/** Who does which jobs. Features register theirs when their module starts (`onModuleInit`). */
@Injectable()
export class JobHandlers {
  private readonly handlers = new Map<string, JobHandler>();
  private readonly times = new Map<string, string>();

  /** @param name imperative: `mail.send` */
  register(name: string, handler: JobHandler): void {
    if (this.handlers.has(name)) throw new RangeError(`two handlers of the job ${name}`);
    this.handlers.set(name, handler);
  }

  /**
   * The same, done by itself at these times, once over all processes. A time at which no process did jobs is not made up
   * for, and of one job at most one waits: each run does what the runs before it left.
   *
   * @param cron five fields, UTC: `17 3 * * *`
   */
  schedule(name: string, cron: string, handler: JobHandler): void {
    // Throws at once for what is no time.
    parseCronItem({ task: name, match: cron }, name);
    this.register(name, handler);
    this.times.set(name, cron);
  }

  get all(): ReadonlyMap<string, JobHandler> {
    return this.handlers;
  }

  get schedules(): ReadonlyMap<string, string> {
    return this.times;
  }
}
