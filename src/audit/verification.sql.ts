import { detailsTextSql } from './audit-event.sql.js';
import { EVENT_COLUMNS, SEAL_COLUMNS } from './chain.js';

/** Seals and events that are held in memory at a time, the last seal of them whole. */
const SEALS_AT_ONCE = 500;
const EVENTS_AT_ONCE = 2000;

/** The seals that follow one, in order. */
export const NEXT_SEALS = `
  SELECT ${SEAL_COLUMNS}
    FROM (SELECT *, sum(events) OVER (ORDER BY seq) - events AS before
            FROM (SELECT * FROM audit_seals WHERE seq > $1 ORDER BY seq LIMIT ${SEALS_AT_ONCE}) AS next) AS page
   WHERE before < ${EVENTS_AT_ONCE} ORDER BY seq`;

/** Events of these ids between two months, their details beside them. */
export const SEALED_EVENTS = `
  SELECT ${EVENT_COLUMNS}, event.details_digest AS "detailsDigest", details.salt,
         ${detailsTextSql('details.address', 'details.user_agent', 'details.personal')} AS "detailsText",
         (details.subject_id, details.actor_id) IS NOT DISTINCT FROM (event.subject_id, event.actor_id) AS "hasItsOwner",
         event.details_digest IS NULL OR details.salt IS NOT NULL OR EXISTS (
           SELECT FROM audit_events erasure
            WHERE erasure.action = 'audit.erased' AND erasure.subject_id IN (event.subject_id, event.actor_id)
              AND erasure.occurred_at >= event.occurred_at) AS explained
    FROM audit_events event
    LEFT JOIN audit_details details ON details.event_id = event.id AND details.occurred_at = event.occurred_at
   WHERE event.id = ANY($1::bigint[])
     AND event.occurred_at >= $2::date::timestamp AT TIME ZONE 'UTC'
     AND event.occurred_at < ($3::date + interval '1 month') AT TIME ZONE 'UTC'`;

export const CHECKPOINT = `
  SELECT to_char(dropped_before, 'YYYY-MM-DD') AS "droppedBefore", last_seq AS "lastSeq", last_hash AS "lastHash",
         EXISTS (SELECT FROM audit_events
                  WHERE action = 'audit.months_dropped' AND data->>'lastSeq' = last_seq::text
                    AND data->>'lastHash' = encode(last_hash, 'hex')
                    AND data->>'before' = to_char(dropped_before, 'YYYY-MM-DD')) AS known,
         -- What is said to be dropped is not looked at any more: it must not be there.
         EXISTS (SELECT FROM audit_events
                  WHERE occurred_at < dropped_before::timestamp AT TIME ZONE 'UTC') AS "isUntrue"
    FROM audit_checkpoints ORDER BY id DESC LIMIT 1`;

/** What is neither sealed in the chain that begins after seal $2 nor waits for it. */
export const UNKNOWN_EVENTS = `
  SELECT id FROM audit_events
   WHERE NOT EXISTS (SELECT FROM (SELECT unnest(event_ids) AS id FROM audit_seals WHERE seq > $2) AS sealed
                      WHERE sealed.id = audit_events.id)
     AND NOT EXISTS (SELECT FROM audit_unsealed waiting
                      WHERE waiting.event_id = id AND waiting.occurred_at = audit_events.occurred_at)
   ORDER BY id LIMIT $1`;

/** A seal names events by their numbers; the key of the table is number and time. */
export const DOUBLE_EVENTS = 'SELECT id FROM audit_events GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT $1';

/** Seals that the walk from seal $2 on does not come to. */
export const SEALS_BEFORE = 'SELECT seq FROM audit_seals WHERE seq <= $2 ORDER BY seq LIMIT $1';

/** What waits to be sealed, and is gone. */
export const LOST_EVENTS = `
  SELECT event_id AS id FROM audit_unsealed
   WHERE NOT EXISTS (SELECT FROM audit_events event
                      WHERE event.id = event_id AND event.occurred_at = audit_unsealed.occurred_at)
   ORDER BY event_id LIMIT $1`;

export const UNSEALED = 'SELECT count(*)::int AS events FROM audit_unsealed';
