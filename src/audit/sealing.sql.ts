import { SqlStatement } from '../platform/database/sql-statement.js';
import { eventTextSql, momentSql } from './audit-event.sql.js';

/** The columns of `SealContent`, the number of events, and the hash. */
export const SEAL_COLUMNS = `seq, to_char(month, 'YYYY-MM-DD') AS month, ${momentSql('sealed_at')} AS "sealedAt",
  events, event_ids AS "eventIds", digests, previous_hash AS "previousHash", hash`;

/** The id, the month and the hashed text of an event. */
export const EVENT_COLUMNS = `event.id, to_char(event.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-01') AS month,
  ${eventTextSql('event')} AS text`;

/**
 * Locks the chain of seals and the months until the end of the transaction. The database functions that create and drop
 * months take the same lock.
 *
 * SQL because TypeORM has no advisory locks.
 */
export const LOCK_CHAIN = new SqlStatement('SELECT pg_advisory_xact_lock(1635083380)');

/**
 * The newest seal, or the last dropped one if no seal remains.
 *
 * SQL because both tables are read in one snapshot.
 */
export const CHAIN_HEAD = new SqlStatement(`
  (SELECT seq, hash FROM audit_seals ORDER BY seq DESC LIMIT 1)
  UNION ALL
  (SELECT last_seq, last_hash FROM audit_checkpoints ORDER BY id DESC LIMIT 1)
  ORDER BY seq DESC LIMIT 1`);

/** Maximum number of events in a seal, which bounds memory and the length of a transaction. */
const MAX_SEAL_SIZE = 1000;

/**
 * Reads the queue in the order of the ids. The next run finds an event that commits late with a lower id, so sealing
 * does not wait for open transactions and misses no event.
 *
 * SQL because PostgreSQL produces the hashed text.
 */
export const FIND_UNSEALED = new SqlStatement<{ after: string }>(`
  SELECT unsealed.event_id AS queued, ${EVENT_COLUMNS}
    FROM (SELECT * FROM audit_unsealed WHERE event_id > $after ORDER BY event_id LIMIT ${MAX_SEAL_SIZE}) AS unsealed
    LEFT JOIN audit_events event ON event.id = unsealed.event_id AND event.occurred_at = unsealed.occurred_at
   ORDER BY unsealed.event_id`);

/** SQL because the hash covers the time as text with microseconds. */
export const NOW = new SqlStatement(`SELECT ${momentSql('clock_timestamp()')} AS now`);

interface SealValues {
  seq: string;
  month: string;
  eventIds: readonly string[];
  digests: Buffer;
  previousHash: Buffer;
  hash: Buffer;
  sealedAt: string;
}

/** SQL because one statement moves the events from the queue to a seal. */
export const SEAL = new SqlStatement<SealValues>(`
  WITH taken AS (DELETE FROM audit_unsealed WHERE event_id = ANY($eventIds::bigint[]))
  INSERT INTO audit_seals (seq, month, events, event_ids, digests, previous_hash, hash, sealed_at)
  VALUES ($seq, $month, cardinality($eventIds::bigint[]), $eventIds, $digests, $previousHash, $hash, $sealedAt)`);

/**
 * Removes lost events from the queue. Ids of other events are ignored.
 *
 * SQL because one statement checks and deletes.
 */
export const DELETE_LOST = new SqlStatement<{ ids: readonly string[] }>(`
  WITH lost AS (
    DELETE FROM audit_unsealed AS queued
     WHERE event_id = ANY($ids::bigint[])
       AND NOT EXISTS (SELECT FROM audit_events event
                        WHERE event.id = queued.event_id AND event.occurred_at = queued.occurred_at)
    RETURNING event_id, occurred_at
  )
  SELECT event_id AS id, ${momentSql('occurred_at')} AS "occurredAt" FROM lost ORDER BY event_id`);
