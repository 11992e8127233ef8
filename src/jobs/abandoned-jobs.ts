/** A job that a worker has taken. The worker may be gone. */
export interface LockedJob {
  id: string;
  name: string;
  worker: string;
  /** Whether the worker holds its advisory lock. */
  isAlive: boolean;
}

/** The workers of this process by name, with the id of the job that each runs. */
export type OwnWorkers = ReadonlyMap<string, string | undefined>;

/**
 * How long a worker may be without a lock. A worker that lost its connection reconnects within a second or two, and
 * after a restart of PostgreSQL all workers do. A job that is released too early runs twice.
 */
const GRACE_MS = 5000;

/** Decides from several observations which jobs have lost their worker. */
export class AbandonedJobs {
  private suspectedSince = new Map<string, number>();

  /**
   * @param now monotonic, in ms
   * @returns the jobs that had no worker at every observation of the last five seconds
   */
  detect(locked: readonly LockedJob[], own: OwnWorkers, now: number): LockedJob[] {
    const before = this.suspectedSince;
    const suspects = locked.filter((job) => isSuspect(job, own));
    this.suspectedSince = new Map(suspects.map((job) => [keyOf(job), before.get(keyOf(job)) ?? now]));
    return suspects.filter((job) => now - (this.suspectedSince.get(keyOf(job)) ?? now) >= GRACE_MS);
  }

  /** Discards the observations, after a time without any. */
  reset(): void {
    this.suspectedSince.clear();
  }
}

/**
 * Compares own workers with the job they run: the response that assigned a job may have been lost with the connection.
 */
function isSuspect({ id, worker, isAlive }: LockedJob, own: OwnWorkers): boolean {
  return own.has(worker) ? own.get(worker) !== id : !isAlive;
}

function keyOf({ id, worker }: LockedJob): string {
  return `${worker} ${id}`;
}
