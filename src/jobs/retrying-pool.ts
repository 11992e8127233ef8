import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isDatabaseUnavailable } from '../platform/database/database-errors.js';
import { DisposableClient } from '../platform/database/pg-client.js';

const PAUSE_MS = 250;

/** An error code after which graphile-worker repeats the query on another connection, up to a hundred times. */
const RETRYABLE = 'ETIMEDOUT';

/**
 * A client whose queries fail with a retryable error while the database is away. After any other error graphile-worker ends
 * the worker that could not complete its job, and does not replace it.
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
 * A pool that retries until the database is back. Given an error, graphile-worker would end its schedule, or wait a minute
 * before it listens again.
 */
export class RetryingPool extends pg.Pool {
  private isRetrying = true;
  private isFailing = false;

  /** @param onOutage called once for each time without a connection */
  constructor(
    options: pg.PoolConfig,
    private readonly onOutage: (error: Error) => void,
  ) {
    super(options);
    // The pool removes a connection that died. Without a listener its error would end the process.
    this.on('error', () => undefined);
    this.on('connect', (client) => client.on('error', () => undefined));
  }

  /** From now on `connect` fails at once without a connection. */
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
