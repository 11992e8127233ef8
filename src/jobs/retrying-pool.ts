import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isDatabaseUnavailable } from '../platform/database/database-errors.js';
import { DisposableClient } from '../platform/database/pg-client.js';

const PAUSE_MS = 250;

/** An error code for which graphile-worker repeats the query on another connection, up to a hundred times. */
const RETRYABLE = 'ETIMEDOUT';

/**
 * A client whose queries fail with a retryable error while the database is unavailable. After any other error,
 * graphile-worker stops the worker that could not complete its job and does not replace it.
 */
export class RetryableClient extends DisposableClient {
  override query(...parameters: unknown[]): never {
    const result: unknown = super.query(...parameters);
    if (!(result instanceof Promise)) return result as never;
    return result.catch((error: unknown) => {
      if (!(error instanceof Error) || !isDatabaseUnavailable(error)) throw error;
      throw Object.assign(new Error(error.message, { cause: error }), { code: RETRYABLE });
    }) as never;
  }
}

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void;

/**
 * A pool that retries until the database is back. After a connection error, graphile-worker would stop its schedule, or
 * wait a minute before it listens again.
 */
export class RetryingPool extends pg.Pool {
  private isRetrying = true;
  private isFailing = false;

  /** @param onOutage called once per outage */
  constructor(
    options: pg.PoolConfig,
    private readonly onOutage: (error: Error) => void,
  ) {
    super(options);
    // The pool removes broken connections. Without a listener, their errors would stop the process.
    this.on('error', () => undefined);
    this.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Makes `connect` fail at once if there is no connection. */
  stopRetrying(): void {
    this.isRetrying = false;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (!callback) return this.connectWithRetry();
    void this.handOver(callback);
    return undefined;
  }

  private async handOver(callback: Connected): Promise<void> {
    let client: pg.PoolClient;
    try {
      client = await this.connectWithRetry();
    } catch (error) {
      callback(error as Error, undefined, () => undefined);
      return;
    }
    callback(undefined, client, (release) => client.release(release));
  }

  private async connectWithRetry(): Promise<pg.PoolClient> {
    for (;;) {
      try {
        const client = await super.connect();
        this.isFailing = false;
        return client;
      } catch (error) {
        if (!this.isRetrying || this.ending) throw error;
        if (!this.isFailing) this.onOutage(error as Error);
        this.isFailing = true;
      }
      await sleep(PAUSE_MS * (1 + Math.random()));
    }
  }
}
