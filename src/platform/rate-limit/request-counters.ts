/** Length of the window in which the requests of a client are counted. */
export const WINDOW_MS = 60_000;

/** The requests of a client in its current window. */
export interface Usage {
  limit: number;
  /** Requests in the window, including this one and refused ones. */
  used: number;
  /** End of the window, on the clock of `performance.now()`. */
  resetsAt: number;
}

/** Counts requests by client: in this process, or in Redis for all of them. */
export abstract class RequestCounters {
  /**
   * Counts one request; never rejects.
   *
   * @param client a client, or a network of clients
   * @param now the value of `performance.now()`, which does not depend on the system time
   * @param times its limit as a multiple of the limit of one client; always the same for one key
   */
  abstract consume(client: string, now: number, times?: number): Usage | Promise<Usage>;

  /** Number of clients in the memory of this process. */
  abstract get tracked(): number;

  abstract close(): void;
}
