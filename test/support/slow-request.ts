import pg from 'pg';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { type Received, send } from './http-client.js';
import { query } from './test-databases.js';
import { until } from './until.js';

const WAITING = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;

export interface SlowRequest {
  answer: Promise<Received>;
  /** Lets it go on. */
  release: () => Promise<void>;
}

/** A request that is being served, for as long as the test likes: it waits for a lock in the database. */
export async function slowRequest(database: DatabaseSettings, url: string, token: string): Promise<SlowRequest> {
  const blocker = new pg.Client(database);
  await blocker.connect();
  await blocker.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
  const answer = send<unknown>(url, '/api/v1/users/me', { token });
  // It may fail before anybody waits for it.
  answer.catch(() => undefined);
  await until(async () => (await query(database, WAITING)).length === 1);
  return { answer, release: () => blocker.end() };
}
