/** A job that somebody does, or did when he ended. */
export interface LockedJob {
  id: string;
  name: string;
  worker: string;
  /** Whether the worker holds the lock that shows so. */
  isAlive: boolean;
}

/** The workers of this process: by their names the jobs that they do at this moment. */
export type OwnWorkers = ReadonlyMap<string, string | undefined>;

/**
 * Workers that live show no sign of it for as long as they have lost their connection, all of them after a restart of
 * PostgreSQL. They are back within a second or two; a job that is taken from them too early is done twice.
 */
const GRACE_MS = 5000;

/** Which jobs nobody does any more, concluded from several looks. */
export class AbandonedJobs {
  private suspectedSince = new Map<string, number>();

  /**
   * @param now monotonic, in ms
   * @returns those that were abandoned at every look of the last seconds
   */
  judge(locked: readonly LockedJob[], own: OwnWorkers, now: number): LockedJob[] {
    const before = this.suspectedSince;
    const suspects = locked.filter((job) => isSuspect(job, own));
    this.suspectedSince = new Map(suspects.map((job) => [keyOf(job), before.get(keyOf(job)) ?? now]));
    return suspects.filter((job) => now - (this.suspectedSince.get(keyOf(job)) ?? now) >= GRACE_MS);
  }

  /** What was seen no longer counts: between then and the next look nobody looked. */
  forget(): void {
    this.suspectedSince.clear();
  }
}

/** Of itself a process knows it better: the answer that gave it the job may have been lost with a connection. */
function isSuspect({ id, worker, isAlive }: LockedJob, own: OwnWorkers): boolean {
  return own.has(worker) ? own.get(worker) !== id : !isAlive;
}

function keyOf({ id, worker }: LockedJob): string {
  return `${worker} ${id}`;
}
