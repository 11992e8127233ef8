import pg from 'pg';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { type Received, send } from './http-client.js';
import { query } from './test-databases.js';
import { until } from './until.js';

const WAITING = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;

export interface SlowRequest {
  answer: Promise<Received>;
  /** Releases the lock. */
  release: () => Promise<void>;
}

/** Sends a request that waits for a database lock until `release` is called. */
export async function slowRequest(database: DatabaseSettings, url: string, token: string): Promise<SlowRequest> {
  const blocker = new pg.Client(database);
  await blocker.connect();
  await blocker.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
  const answer = send<unknown>(url, '/api/v1/users/me', { token });
  // Prevents an unhandled rejection if the request fails before the test awaits it.
  answer.catch(() => undefined);
  await until(async () => (await query(database, WAITING)).length === 1);
  return { answer, release: () => blocker.end() };
}
