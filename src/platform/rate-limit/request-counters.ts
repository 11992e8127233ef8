/** Length of the window in which the requests of a client are counted. */
export const WINDOW_MS = 60_000;

/** What a client has used of its current window. */
export interface Usage {
  limit: number;
  /** Requests of the window, this one included, refused ones too. */
  used: number;
  /** When the window ends, on the clock of `performance.now()`. */
  resetsAt: number;
}

/** Counts requests by client: in this process, or in Redis for all of them. */
export abstract class RequestCounters {
  /**
   * Counts one request; never rejects.
   *
   * @param client a client, or a network of clients
   * @param now of `performance.now()`, which no change of the machine's time moves
   * @param times its limit as a multiple of the limit of one client: always the same for one key
   */
  abstract consume(client: string, now: number, times?: number): Usage | Promise<Usage>;

  /** Clients that are remembered in this process. */
  abstract get tracked(): number;

  abstract close(): void;
}
