import { createHash } from 'node:crypto';
import type { TestApp } from './test-app.js';

/**
 * Every table with data about an account, and the columns that refer to it. Tests detect a new table by its foreign key or
 * by the name of its column; it must be added here, to the export and to the deletion.
 */
export const ACCOUNT_TABLES: Readonly<
  Record<
    string,
    { by: string[]; section: string; withheld: string[]; renamed?: Record<string, string>; outlives?: true }
  >
> = {
  sessions: {
    by: ['user_id'],
    section: 'sessions',
    // Hashes, and values that other columns or the activity already contain.
    withheld: [
      'user_id',
      'token_hash',
      'previous_token_hash',
      'rotated_at',
      'idle_expires_at',
      'session_epoch',
      'confirmed_generation',
      'confirmed_at',
      'previous_confirmed_at',
      'aal',
      'amr',
      'authenticated_at',
    ],
    renamed: { device_label: 'device', generation: 'refreshes' },
  },
  session_networks: {
    by: ['user_id'],
    section: 'sessions',
    withheld: ['session_id', 'user_id'],
    renamed: { network: 'networks', left_at: 'networks' },
  },
  one_time_tokens: { by: ['user_id'], section: 'links', withheld: ['id', 'user_id', 'token_hash', 'session_epoch'] },
  audit_events: {
    by: ['actor_id', 'subject_id'],
    section: 'activity',
    withheld: ['actor_id', 'subject_id', 'request_id', 'details_digest'],
    // The id is never reused, and the deletion is one of the events.
    outlives: true,
  },
  audit_details: {
    by: ['actor_id', 'subject_id'],
    section: 'activity',
    withheld: ['event_id', 'occurred_at', 'actor_id', 'subject_id', 'salt'],
    renamed: { personal: 'data' },
  },
};

/** Tables with data about accounts, and their columns, from the database's catalogue. */
export async function findAccountTables(app: TestApp): Promise<Record<string, string[]>> {
  const rows = await app.sql<{ table: string; columns: string[] }>(
    `SELECT c.relname AS table, array_agg(attname::text ORDER BY attname) AS columns
       FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
      WHERE relkind IN ('r', 'p') AND NOT relispartition AND attnum > 0 AND NOT attisdropped
        AND relnamespace = 'public'::regnamespace
        AND (attname ~ '(user|subject|actor|owner|account)_?id$' OR EXISTS (
          SELECT FROM pg_constraint
           WHERE contype = 'f' AND confrelid = 'users'::regclass AND conrelid = attrelid AND attnum = ANY(conkey)))
      GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ table, columns }) => [table, columns]));
}

export async function findColumns(app: TestApp, table: string): Promise<string[]> {
  const rows = await app.sql<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [table],
  );
  return rows.map(({ name }) => name);
}

/** The number of rows about an account in each table and in the job queue. */
export async function countAccountRows(app: TestApp, userId: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [table, { by }] of Object.entries(ACCOUNT_TABLES)) {
    const condition = by.map((column) => `${column} = $1`).join(' OR ');
    counts[table] = await count(app, `${table} WHERE ${condition}`, userId);
  }
  counts.users = await count(app, 'users WHERE id = $1', userId);
  counts.jobs = await count(app, `graphile_worker._private_jobs WHERE (payload ->> 'userId')::int = $1`, userId);
  return counts;
}

async function count(app: TestApp, from: string, userId: number): Promise<number> {
  const [row] = await app.sql<{ count: number }>(`SELECT count(*)::int AS count FROM ${from}`, [userId]);
  return row?.count ?? 0;
}

/** Leaves rows about an account in the tables that a sign-in with an e-mail address does not fill. */
export async function createAccountData(app: TestApp, { id }: { id: number }): Promise<void> {
  await app.sql(
    `INSERT INTO one_time_tokens (id, user_id, purpose, email, token_hash, expires_at)
     VALUES (gen_random_uuid(), $1, 'email_verification', 'pending@example.com', $2, now() + interval '1 day')`,
    [id, createHash('sha256').update(String(id)).digest()],
  );
  await app.sql(`SELECT graphile_worker.add_job('mail.send', $1::json, job_key := $2)`, [
    JSON.stringify({ userId: id, template: 'welcome', language: 'en' }),
    `traces ${id}`,
  ]);
}
