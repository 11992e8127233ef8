/** A moment with its microseconds, the same in every session: `2026-11-22T18:09:29.123456Z`. */
export const momentSql = (expression: string): string =>
  `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** What the hash of the details is taken of, behind their salt. */
export const detailsTextSql = (address: string, userAgent: string, personal: string): string =>
  `jsonb_build_array(${address}, ${userAgent}, ${personal})::text`;

/** What the hash of an event is taken of: all of it, the hash of its details included. */
export const eventTextSql = (event: string): string =>
  `jsonb_build_array(${event}.id, ${momentSql(`${event}.occurred_at`)}, ${event}.action, ${event}.outcome,
     ${event}.actor_id, ${event}.subject_id, ${event}.session_id, ${event}.request_id, ${event}.data,
     encode(${event}.details_digest, 'hex'))::text`;

/**
 * One statement for an event, what is personal of it, and its place in the queue of what is to be sealed: one way to
 * the database and back. With the salt, a hash does not reveal erased details. If $12 is false, nothing is written.
 */
const recordSql = (salt: string): string => `
  WITH details AS (
    SELECT $8::varchar AS address, $9::varchar AS user_agent, $10::jsonb AS personal, ${salt} AS salt
  ), event AS (
    INSERT INTO audit_events (action, outcome, actor_id, subject_id, session_id, request_id, data, details_digest)
    SELECT $1, $2, $3, $4, $5, $6, $7,
           sha256(salt || convert_to(${detailsTextSql('address', 'user_agent', 'personal')}, 'UTF8'))
      FROM details WHERE $12::boolean
    RETURNING id, occurred_at
  ), unsealed AS (
    INSERT INTO audit_unsealed (event_id, occurred_at) SELECT id, occurred_at FROM event
  )
  INSERT INTO audit_details (event_id, occurred_at, actor_id, subject_id, address, user_agent, personal, salt)
  SELECT id, occurred_at, $3, $4, address, user_agent, personal, salt FROM event, details WHERE salt IS NOT NULL`;

export const RECORD = recordSql('$11::bytea');

/**
 * The same for an account that is not locked, and may be about to be deleted: it waits for who deletes it, and of an account
 * that is gone it keeps nothing personal, which nobody would ever erase.
 */
export const RECORD_UNHELD = recordSql(`CASE
      WHEN $4::int IS NULL OR EXISTS (SELECT FROM (SELECT FROM users WHERE id = $4 FOR KEY SHARE) AS account) THEN $11::bytea
    END`);

/** Of whom an event was about, and of who did it. */
export const ERASE = 'DELETE FROM audit_details WHERE subject_id = $1 OR actor_id = $1';
