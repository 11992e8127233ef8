import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import type { DatabaseSettings } from '../config/database-settings.js';
import { DatabaseClient } from '../database/database-client.js';
import { databaseDriverOptions } from '../database/migrate.js';
import { connectionOptions, withApplicationName } from '../database/pg-client.js';

/** What was seen of the database. */
export type ProbeResult =
  | { up: true; latencyMs: number; /** Names of the migrations that ran. */ migrations: readonly string[] }
  | { up: false };

const TIMEOUT_MS = 1000;
const CACHE_MS = 1000;

const UNDEFINED_TABLE = '42P01';

/**
 * Asks the database what /health tells, on a connection of its own, so that no answer waits behind requests. Many
 * questions at once are one query, and its answer is remembered for a second: probes are cheap, whoever sends them.
 */
@Injectable()
export class DatabaseProbe implements OnApplicationShutdown {
  private client: pg.Client | undefined;
  private querying: Promise<ProbeResult> | undefined;
  private cached: { sight: ProbeResult; until: number } | undefined;

  constructor(private readonly settings: DatabaseSettings) {}

  async probe(): Promise<ProbeResult> {
    if (this.cached && performance.now() < this.cached.until) return this.cached.sight;
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
      const sight = await this.queryMigrations();
      this.cached = { sight, until: performance.now() + CACHE_MS };
      return sight;
    } catch {
      // Not remembered: a database that is back is seen at once.
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

  /** The next question opens a new connection, and is asked even now: what was seen over the old one is no longer so. */
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
