import { SqlStatement } from '../platform/database/sql-statement.js';

/** A timestamp with microseconds in UTC, regardless of session settings: `2026-11-22T18:09:29.123456Z`. */
export const momentSql = (expression: string): string =>
  `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** The text of an event's details, which is hashed after the salt. */
export const detailsTextSql = (address: string, userAgent: string, personal: string): string =>
  `jsonb_build_array(${address}, ${userAgent}, ${personal})::text`;

/** The text of an event that is hashed: all columns, including the digest of its details. */
export const eventTextSql = (event: string): string =>
  `jsonb_build_array(${event}.id, ${momentSql(`${event}.occurred_at`)}, ${event}.action, ${event}.outcome,
     ${event}.actor_id, ${event}.subject_id, ${event}.session_id, ${event}.request_id, ${event}.data,
     encode(${event}.details_digest, 'hex'))::text`;

/** The column values of an event to record. */
export interface RecordValues {
  action: string;
  outcome: string;
  actorId: number | null;
  subjectId: number | null;
  sessionId: string | null;
  requestId: string | null;
  data: string;
  address: string | null;
  userAgent: string | null;
  personal: string | null;
  /** Null if there are no details. */
  salt: Buffer | null;
  /** If false, the statement runs without writing. */
  isRecorded: boolean;
}

/**
 * Records an event and its personal data, and queues it for sealing. The salt prevents guessing erased details from the
 * digest.
 *
 * SQL because three rows and the hash of one of them are written in one round trip.
 */
const recordSql = (salt: string): SqlStatement<RecordValues> =>
  new SqlStatement(`
  WITH details AS (
    SELECT $address::varchar AS address, $userAgent::varchar AS user_agent, $personal::jsonb AS personal, ${salt} AS salt
  ), event AS (
    INSERT INTO audit_events (action, outcome, actor_id, subject_id, session_id, request_id, data, details_digest)
    SELECT $action, $outcome, $actorId, $subjectId, $sessionId, $requestId, $data,
           sha256(salt || convert_to(${detailsTextSql('address', 'user_agent', 'personal')}, 'UTF8'))
      FROM details WHERE $isRecorded::boolean
    RETURNING id, occurred_at
  ), unsealed AS (
    INSERT INTO audit_unsealed (event_id, occurred_at) SELECT id, occurred_at FROM event
  )
  INSERT INTO audit_details (event_id, occurred_at, actor_id, subject_id, address, user_agent, personal, salt)
  SELECT id, occurred_at, $actorId, $subjectId, address, user_agent, personal, salt FROM event, details WHERE salt IS NOT NULL`);

export const RECORD = recordSql('$salt::bytea');

/**
 * Records an event of an account that is not locked. If a concurrent transaction deletes the account, the statement
 * waits for it and stores no details, because they would never be erased.
 */
export const RECORD_UNLOCKED = recordSql(`CASE
      WHEN $subjectId::int IS NULL OR EXISTS (SELECT FROM (SELECT FROM users WHERE id = $subjectId FOR KEY SHARE) AS account)
      THEN $salt::bytea
    END`);
