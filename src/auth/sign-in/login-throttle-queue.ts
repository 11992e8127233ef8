/** Tries that wait for another one of the same key to end; beyond them one is refused at once. */
const MAX_QUEUE_LENGTH = 100;

interface Queue {
  running: number;
  /** Called with whether a place may have become free. */
  waiting: ((mayBeFree: boolean) => void)[];
}

/**
 * The tries of this process that have taken a place and not ended yet. Who finds a budget used up by them is not refused
 * but waits: only a wrong password keeps its place, so that parallel sign-ins with the right one all come through.
 */
export class LoginThrottleQueue {
  private readonly queues = new Map<string, Queue>();
  private releaseCount = 0;

  /** How many places have been given back: one that came in the midst of a question shows by it. */
  get releases(): number {
    return this.releaseCount;
  }

  /** A try has taken its places; there may be more, so the next one asks too. */
  start(keys: readonly string[]): void {
    for (const key of keys) {
      const line = this.queues.get(key) ?? { running: 0, waiting: [] };
      this.queues.set(key, line);
      line.running += 1;
      line.waiting.shift()?.(true);
    }
  }

  /** A try has ended, and given its places back or not. */
  finish(keys: readonly string[], freed: boolean): void {
    if (freed) this.releaseCount += 1;
    for (const key of keys) {
      const line = this.queues.get(key);
      if (!line) continue;
      line.running -= 1;
      if (freed) line.waiting.shift()?.(true);
      else this.dismissWaiting(key, line);
      if (line.running === 0 && line.waiting.length === 0) this.queues.delete(key);
    }
  }

  /**
   * Waits for a place of a key that is full.
   *
   * @returns whether one may be free; false when no try is under way any more, or the time is over, or the signal aborts
   */
  async waitForSlot(key: string, signal: AbortSignal, milliseconds: number): Promise<boolean> {
    const line = this.queues.get(key);
    if (!line || line.running === 0 || line.waiting.length >= MAX_QUEUE_LENGTH || milliseconds <= 0 || signal.aborted) {
      if (line) this.dismissWaiting(key, line);
      return false;
    }
    return new Promise((resolve) => {
      const end = (mayBeFree: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        resolve(mayBeFree);
      };
      const giveUp = () => {
        line.waiting.splice(line.waiting.indexOf(end), 1);
        end(false);
      };
      const timer = setTimeout(giveUp, milliseconds);
      signal.addEventListener('abort', giveUp);
      line.waiting.push(end);
    });
  }

  /** Whether a try is under way that may give a place of the key back. */
  hasAttempts(key: string): boolean {
    return this.queues.has(key);
  }

  /** Nobody is left who could give a place back. */
  private dismissWaiting(key: string, line: Queue): void {
    if (line.running > 0) return;
    for (const end of line.waiting.splice(0)) end(false);
    this.queues.delete(key);
  }
}
