import { SqlStatement } from '../platform/database/sql-statement.js';
import { detailsTextSql } from './audit-event.sql.js';
import { EVENT_COLUMNS, SEAL_COLUMNS } from './sealing.sql.js';

/** SQL because TypeORM has no read-only transactions. */
export const READ_ONLY = new SqlStatement('SET TRANSACTION READ ONLY');

/**
 * Prevents months from being dropped: an older snapshot would contain their seals, but not their events.
 *
 * SQL because TypeORM only locks rows.
 */
export const LOCK_PARTITIONS = new SqlStatement('LOCK TABLE audit_events, audit_details IN ACCESS SHARE MODE');

/** The size of a page, which bounds memory. A page ends with a whole seal. */
const MAX_SEALS_PER_PAGE = 500;
const MAX_EVENTS_PER_PAGE = 2000;

/**
 * The next page of seals, in order.
 *
 * SQL because a window function bounds the number of events of a page.
 */
export const NEXT_SEALS = new SqlStatement<{ after: string }>(`
  SELECT ${SEAL_COLUMNS}
    FROM (SELECT *, sum(events) OVER (ORDER BY seq) - events AS before
            FROM (SELECT * FROM audit_seals WHERE seq > $after ORDER BY seq LIMIT ${MAX_SEALS_PER_PAGE}) AS next) AS page
   WHERE before < ${MAX_EVENTS_PER_PAGE} ORDER BY seq`);

/**
 * The events of a page of seals between two months, with their details.
 *
 * SQL because PostgreSQL produces the hashed texts.
 */
export const SEALED_EVENTS = new SqlStatement<{
  ids: readonly string[];
  first: string | undefined;
  last: string | undefined;
}>(`
  SELECT ${EVENT_COLUMNS}, event.details_digest AS "detailsDigest", details.salt,
         ${detailsTextSql('details.address', 'details.user_agent', 'details.personal')} AS "detailsText",
         (details.subject_id, details.actor_id) IS NOT DISTINCT FROM (event.subject_id, event.actor_id) AS "ownersMatch",
         event.details_digest IS NULL OR details.salt IS NOT NULL OR EXISTS (
           SELECT FROM audit_events erasure
            WHERE erasure.action = 'audit.erased' AND erasure.subject_id IN (event.subject_id, event.actor_id)
              AND erasure.occurred_at >= event.occurred_at) AS "isComplete"
    FROM audit_events event
    LEFT JOIN audit_details details ON details.event_id = event.id AND details.occurred_at = event.occurred_at
   WHERE event.id = ANY($ids::bigint[])
     AND event.occurred_at >= $first::date::timestamp AT TIME ZONE 'UTC'
     AND event.occurred_at < ($last::date + interval '1 month') AT TIME ZONE 'UTC'`);

/**
 * The newest checkpoint, and whether the events confirm it.
 *
 * SQL because several tables are read in one snapshot.
 */
export const CHECKPOINT = new SqlStatement(`
  SELECT to_char(dropped_before, 'YYYY-MM-DD') AS "droppedBefore", last_seq AS "lastSeq", last_hash AS "lastHash",
         EXISTS (SELECT FROM audit_events
                  WHERE action = 'audit.months_dropped' AND data->>'lastSeq' = last_seq::text
                    AND data->>'lastHash' = encode(last_hash, 'hex')
                    AND data->>'before' = to_char(dropped_before, 'YYYY-MM-DD')) AS "isRecorded",
         -- Events before the checkpoint are not verified, so none may exist.
         EXISTS (SELECT FROM audit_events
                  WHERE occurred_at < dropped_before::timestamp AT TIME ZONE 'UTC') AS "hasEarlierEvents"
    FROM audit_checkpoints ORDER BY id DESC LIMIT 1`);

/**
 * Events that are neither in a seal after the start of the chain nor in the queue.
 *
 * SQL because the seals store the ids in arrays.
 */
export const UNKNOWN_EVENTS = new SqlStatement<{ limit: number; after: string }>(`
  SELECT id FROM audit_events
   WHERE NOT EXISTS (SELECT FROM (SELECT unnest(event_ids) AS id FROM audit_seals WHERE seq > $after) AS sealed
                      WHERE sealed.id = audit_events.id)
     AND NOT EXISTS (SELECT FROM audit_unsealed waiting
                      WHERE waiting.event_id = id AND waiting.occurred_at = audit_events.occurred_at)
   ORDER BY id LIMIT $limit`);

/**
 * Ids of more than one event. Seals refer to events by id, but the primary key of the table also contains the time.
 *
 * SQL because it groups the whole log.
 */
export const DUPLICATE_EVENTS = new SqlStatement<{ limit: number }>(
  'SELECT id FROM audit_events GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT $limit',
);

/**
 * Events that are in the queue but no longer exist.
 *
 * SQL because it is an anti-join of two tables without a relation.
 */
export const LOST_EVENTS = new SqlStatement<{ limit: number }>(`
  SELECT event_id AS id FROM audit_unsealed
   WHERE NOT EXISTS (SELECT FROM audit_events event
                      WHERE event.id = event_id AND event.occurred_at = audit_unsealed.occurred_at)
   ORDER BY event_id LIMIT $limit`);
