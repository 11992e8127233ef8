/** Attempts that may wait for one key. Further attempts are refused at once. */
const MAX_QUEUE_LENGTH = 100;

interface Queue {
  running: number;
  /** Called with whether a slot may be free. */
  waiting: ((mayBeFree: boolean) => void)[];
}

/**
 * The running attempts of this process, which hold slots of a budget. An attempt that finds the budget exhausted by them
 * waits instead of failing. Only wrong passwords keep their slots, so parallel sign-ins with the correct password all
 * succeed.
 */
export class LoginThrottleQueue {
  private readonly queues = new Map<string, Queue>();
  private releaseCount = 0;

  /** Number of attempts that released their slots. A change shows that a slot was released in the meantime. */
  get releases(): number {
    return this.releaseCount;
  }

  /** Registers an attempt that holds slots. Wakes the next waiting attempt, because more slots may be free. */
  start(keys: readonly string[]): void {
    for (const key of keys) {
      const queue = this.queues.get(key) ?? { running: 0, waiting: [] };
      this.queues.set(key, queue);
      queue.running += 1;
      queue.waiting.shift()?.(true);
    }
  }

  /** Removes a finished attempt. @param isReleased whether it released its slots */
  finish(keys: readonly string[], isReleased: boolean): void {
    if (isReleased) this.releaseCount += 1;
    for (const key of keys) {
      const queue = this.queues.get(key);
      if (!queue) continue;
      queue.running -= 1;
      if (isReleased) queue.waiting.shift()?.(true);
      else this.dismissWaiting(key, queue);
      if (queue.running === 0 && queue.waiting.length === 0) this.queues.delete(key);
    }
  }

  /**
   * Waits for a slot of an exhausted key.
   *
   * @returns whether a slot may be free; false if no attempt is running, after the timeout, and if the signal aborts
   */
  async waitForSlot(key: string, signal: AbortSignal, timeoutMs: number): Promise<boolean> {
    const queue = this.queues.get(key);
    if (!queue || queue.running === 0 || queue.waiting.length >= MAX_QUEUE_LENGTH || timeoutMs <= 0 || signal.aborted) {
      if (queue) this.dismissWaiting(key, queue);
      return false;
    }
    return new Promise((resolve) => {
      const end = (mayBeFree: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        resolve(mayBeFree);
      };
      const giveUp = () => {
        queue.waiting.splice(queue.waiting.indexOf(end), 1);
        end(false);
      };
      const timer = setTimeout(giveUp, timeoutMs);
      signal.addEventListener('abort', giveUp);
      queue.waiting.push(end);
    });
  }

  /** Whether an attempt is running that may release a slot of the key. */
  hasAttempts(key: string): boolean {
    return this.queues.has(key);
  }

  /** Refuses the waiting attempts of a key if no running attempt can release a slot. */
  private dismissWaiting(key: string, queue: Queue): void {
    if (queue.running > 0) return;
    for (const end of queue.waiting.splice(0)) end(false);
    this.queues.delete(key);
  }
}
