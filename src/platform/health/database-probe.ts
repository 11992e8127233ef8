import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import type { DatabaseSettings } from '../config/database-settings.js';
import { databaseDriverOptions } from '../database/migrate.js';
import { DatabaseClient } from '../database/database-client.js';
import { connectionOptions, namedAfter } from '../database/pg-client.js';

/** What was seen of the database. */
export type Sight =
  | { up: true; latencyMs: number; /** Names of the migrations that ran. */ migrations: readonly string[] }
  | { up: false };

const PATIENCE_MS = 1000;
const REMEMBERED_MS = 1000;

const UNDEFINED_TABLE = '42P01';

/**
 * Asks the database what /health tells, on a connection of its own, so that no answer waits behind requests. Many
 * questions at once are one query, and its answer is remembered for a second: probes are cheap, whoever sends them.
 */
@Injectable()
export class DatabaseProbe implements OnApplicationShutdown {
  private client: pg.Client | undefined;
  private asking: Promise<Sight> | undefined;
  private remembered: { sight: Sight; until: number } | undefined;

  constructor(private readonly settings: DatabaseSettings) {}

  async look(): Promise<Sight> {
    if (this.remembered && performance.now() < this.remembered.until) return this.remembered.sight;
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.asking;
    await this.client?.end().catch(() => undefined);
  }

  private async ask(): Promise<Sight> {
    try {
      const sight = await this.query();
      this.remembered = { sight, until: performance.now() + REMEMBERED_MS };
      return sight;
    } catch {
      // Not remembered: a database that is back is seen at once.
      this.forget();
      return { up: false };
    }
  }

  private async query(): Promise<Sight> {
    const client = (this.client ??= await this.connect());
    const start = performance.now();
    const migrations = await ranMigrations(client);
    return { up: true, latencyMs: performance.now() - start, migrations };
  }

  private async connect(): Promise<pg.Client> {
    const limits = { statement_timeout: PATIENCE_MS, idle_in_transaction_session_timeout: PATIENCE_MS };
    const client = new DatabaseClient({
      ...namedAfter(connectionOptions(this.settings, limits), 'health'),
      connectionTimeoutMillis: PATIENCE_MS,
      query_timeout: PATIENCE_MS,
    });
    client.on('error', () => this.client === client && this.forget());
    try {
      await client.connect();
      return client;
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
  }

  /** The next question opens a new connection, and is asked even now: what was seen over the old one is no longer so. */
  private forget(): void {
    this.client?.end().catch(() => undefined);
    this.client = undefined;
    this.remembered = undefined;
  }
}

async function ranMigrations(client: pg.Client): Promise<string[]> {
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
