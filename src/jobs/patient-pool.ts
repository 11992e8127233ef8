import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isDatabaseAway } from '../platform/database/database-errors.js';
import { ExpendableClient } from '../platform/database/pg-client.js';

const PAUSE_MS = 250;

/** A code of those after which graphile-worker takes another connection and tries again, a hundred times. */
const TRY_AGAIN = 'ETIMEDOUT';

/**
 * What fails because the database is away is tried again, in the eyes of graphile-worker. Otherwise it gives up the worker
 * whose job could not be marked as done, and never makes another one.
 */
export class RetriedClient extends ExpendableClient {
  override query(...parameters: unknown[]): never {
    const result: unknown = super.query(...parameters);
    if (!(result instanceof Promise)) return result as never;
    return result.catch((error: unknown) => {
      if (!(error instanceof Error) || !isDatabaseAway(error)) throw error;
      throw Object.assign(new Error(error.message, { cause: error }), { code: TRY_AGAIN });
    }) as never;
  }
}

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void;

/**
 * Connections for what has time: who asks while the database is away waits until it is back. Where graphile-worker would
 * end its schedule, or wait a minute before it listens again, it is made to stand still instead.
 */
export class PatientPool extends pg.Pool {
  private isPatient = true;
  private isTroubled = false;

  /** @param onTrouble told once of each time that no connection can be had */
  constructor(
    options: pg.PoolConfig,
    private readonly onTrouble: (error: Error) => void,
  ) {
    super(options);
    // A connection that dies is taken out of the pool; without a listener its error would end the process.
    this.on('error', () => undefined);
    this.on('connect', (client) => client.on('error', () => undefined));
  }

  /** From now on who is given no connection is given the error. */
  hurry(): void {
    this.isPatient = false;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (!callback) return this.connectAtLast();
    void this.handOver(callback);
    return undefined;
  }

  private async handOver(callback: Connected): Promise<void> {
    let client: pg.PoolClient;
    try {
      client = await this.connectAtLast();
    } catch (error) {
      callback(error as Error, undefined, () => undefined);
      return;
    }
    callback(undefined, client, (release) => client.release(release));
  }

  private async connectAtLast(): Promise<pg.PoolClient> {
    for (;;) {
      try {
        const client = await super.connect();
        this.isTroubled = false;
        return client;
      } catch (error) {
        if (!this.isPatient || this.ending) throw error;
        if (!this.isTroubled) this.onTrouble(error as Error);
        this.isTroubled = true;
      }
      await sleep(PAUSE_MS * (1 + Math.random()));
    }
  }
}
