import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import type { DatabaseSettings } from '../config/database-settings.js';
import { DatabaseClient } from '../database/database-client.js';
import { databaseDriverOptions } from '../database/migrate.js';
import { connectionOptions, withApplicationName } from '../database/pg-client.js';

/** The state of the database. */
export type ProbeResult =
  | { up: true; latencyMs: number; /** Names of the executed migrations. */ migrations: readonly string[] }
  | { up: false };

const TIMEOUT_MS = 1000;
const CACHE_MS = 1000;

const UNDEFINED_TABLE = '42P01';

/**
 * Queries the database for /health on a separate connection, so that it never waits behind requests. Concurrent probes
 * share one query, and its result is cached for a second, so that any client may send probes.
 */
@Injectable()
export class DatabaseProbe implements OnApplicationShutdown {
  private client: pg.Client | undefined;
  private querying: Promise<ProbeResult> | undefined;
  private cached: { result: ProbeResult; until: number } | undefined;

  constructor(private readonly settings: DatabaseSettings) {}

  async probe(): Promise<ProbeResult> {
    if (this.cached && performance.now() < this.cached.until) return this.cached.result;
    this.querying ??= this.query().finally(() => {
      this.querying = undefined;
    });
    return this.querying;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.querying;
    await this.client?.end().catch(() => undefined);
  }

  private async query(): Promise<ProbeResult> {
    try {
      const result = await this.queryMigrations();
      this.cached = { result, until: performance.now() + CACHE_MS };
      return result;
    } catch {
      // Not cached, so that recovery is seen at once.
      this.reset();
      return { up: false };
    }
  }

  private async queryMigrations(): Promise<ProbeResult> {
    const client = (this.client ??= await this.connect());
    const start = performance.now();
    const migrations = await findExecutedMigrations(client);
    return { up: true, latencyMs: performance.now() - start, migrations };
  }

  private async connect(): Promise<pg.Client> {
    const limits = { statement_timeout: TIMEOUT_MS, idle_in_transaction_session_timeout: TIMEOUT_MS };
    const client = new DatabaseClient({
      ...withApplicationName(connectionOptions(this.settings, limits), 'health'),
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    });
    client.on('error', () => this.client === client && this.reset());
    try {
      await client.connect();
      return client;
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
  }

  /** Drops the connection and the cached result. The next probe connects again. */
  private reset(): void {
    this.client?.end().catch(() => undefined);
    this.client = undefined;
    this.cached = undefined;
  }
}

async function findExecutedMigrations(client: pg.Client): Promise<string[]> {
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT name FROM ${databaseDriverOptions.migrationsTableName}`,
    );
    return rows.map(({ name }) => name);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE) return [];
    throw error;
  }
}
