import { SqlStatement } from '../platform/database/sql-statement.js';
import { detailsTextSql } from './audit-event.sql.js';
import { EVENT_COLUMNS, SEAL_COLUMNS } from './sealing.sql.js';

/** SQL because TypeORM cannot make a transaction read only. */
export const READ_ONLY = new SqlStatement('SET TRANSACTION READ ONLY');

/**
 * Keeps months from being dropped. A snapshot from before would have their seals, and no longer their events.
 *
 * SQL because TypeORM locks rows only.
 */
export const LOCK_PARTITIONS = new SqlStatement('LOCK TABLE audit_events, audit_details IN ACCESS SHARE MODE');

/** Seals and events that are held in memory at a time, the last seal of them whole. */
const SEALS_AT_ONCE = 500;
const EVENTS_AT_ONCE = 2000;

/**
 * The seals that follow one, in order.
 *
 * SQL because a page is bounded by its number of events, with a window function.
 */
export const NEXT_SEALS = new SqlStatement<{ after: string }>(`
  SELECT ${SEAL_COLUMNS}
    FROM (SELECT *, sum(events) OVER (ORDER BY seq) - events AS before
            FROM (SELECT * FROM audit_seals WHERE seq > $after ORDER BY seq LIMIT ${SEALS_AT_ONCE}) AS next) AS page
   WHERE before < ${EVENTS_AT_ONCE} ORDER BY seq`);

/**
 * Events of these ids between two months, with their details.
 *
 * SQL because PostgreSQL writes the texts that are hashed.
 */
export const SEALED_EVENTS = new SqlStatement<{
  ids: readonly string[];
  first: string | undefined;
  last: string | undefined;
}>(`
  SELECT ${EVENT_COLUMNS}, event.details_digest AS "detailsDigest", details.salt,
         ${detailsTextSql('details.address', 'details.user_agent', 'details.personal')} AS "detailsText",
         (details.subject_id, details.actor_id) IS NOT DISTINCT FROM (event.subject_id, event.actor_id) AS "hasItsOwner",
         event.details_digest IS NULL OR details.salt IS NOT NULL OR EXISTS (
           SELECT FROM audit_events erasure
            WHERE erasure.action = 'audit.erased' AND erasure.subject_id IN (event.subject_id, event.actor_id)
              AND erasure.occurred_at >= event.occurred_at) AS explained
    FROM audit_events event
    LEFT JOIN audit_details details ON details.event_id = event.id AND details.occurred_at = event.occurred_at
   WHERE event.id = ANY($ids::bigint[])
     AND event.occurred_at >= $first::date::timestamp AT TIME ZONE 'UTC'
     AND event.occurred_at < ($last::date + interval '1 month') AT TIME ZONE 'UTC'`);

/**
 * The newest checkpoint, and whether the chain confirms it.
 *
 * SQL because its statements on other tables are checked in one snapshot.
 */
export const CHECKPOINT = new SqlStatement(`
  SELECT to_char(dropped_before, 'YYYY-MM-DD') AS "droppedBefore", last_seq AS "lastSeq", last_hash AS "lastHash",
         EXISTS (SELECT FROM audit_events
                  WHERE action = 'audit.months_dropped' AND data->>'lastSeq' = last_seq::text
                    AND data->>'lastHash' = encode(last_hash, 'hex')
                    AND data->>'before' = to_char(dropped_before, 'YYYY-MM-DD')) AS known,
         -- What is said to be dropped is not looked at any more: it must not be there.
         EXISTS (SELECT FROM audit_events
                  WHERE occurred_at < dropped_before::timestamp AT TIME ZONE 'UTC') AS "isUntrue"
    FROM audit_checkpoints ORDER BY id DESC LIMIT 1`);

/**
 * Events that are neither sealed, in the chain that begins after a seal, nor wait for it.
 *
 * SQL because the seals hold the ids in arrays.
 */
export const UNKNOWN_EVENTS = new SqlStatement<{ most: number; after: string }>(`
  SELECT id FROM audit_events
   WHERE NOT EXISTS (SELECT FROM (SELECT unnest(event_ids) AS id FROM audit_seals WHERE seq > $after) AS sealed
                      WHERE sealed.id = audit_events.id)
     AND NOT EXISTS (SELECT FROM audit_unsealed waiting
                      WHERE waiting.event_id = id AND waiting.occurred_at = audit_events.occurred_at)
   ORDER BY id LIMIT $most`);

/**
 * Ids that two events have: a seal names events by their ids, but the key of the table has the time too.
 *
 * SQL because it groups the whole log.
 */
export const DOUBLE_EVENTS = new SqlStatement<{ most: number }>(
  'SELECT id FROM audit_events GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT $most',
);

/**
 * Events that wait to be sealed, and are gone.
 *
 * SQL because it is an anti-join of two tables without a relation.
 */
export const LOST_EVENTS = new SqlStatement<{ most: number }>(`
  SELECT event_id AS id FROM audit_unsealed
   WHERE NOT EXISTS (SELECT FROM audit_events event
                      WHERE event.id = event_id AND event.occurred_at = audit_unsealed.occurred_at)
   ORDER BY event_id LIMIT $most`);
