/** A job that a worker has taken, which may be gone. */
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
 * A worker that lost its connection has no lock until it reconnects, within a second or two; after a restart of PostgreSQL
 * that is every worker. A job that is released too early runs twice.
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

/** For its own workers the process itself knows: the answer that assigned a job may have been lost with a connection. */
function isSuspect({ id, worker, isAlive }: LockedJob, own: OwnWorkers): boolean {
  return own.has(worker) ? own.get(worker) !== id : !isAlive;
}

function keyOf({ id, worker }: LockedJob): string {
  return `${worker} ${id}`;
}
