import { QUEUE_SCHEMA } from '../jobs/job-queue-schema.js';
import { LOCK } from './audit-functions.js';

/** The text of the time of a seal or event that is hashed, as in `src/audit/audit-event.sql.ts`. */
const moment = (expression: string): string =>
  `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * `audit_check_seal()`: the trigger function that accepts only seals as `src/audit/sealing.ts` writes them. A seal must
 * follow the newest seal, have the current time, list queued events of one month, and have the correct digests and
 * hash. The function is STABLE, so it sees the queue as of the start of the sealer's statement, which also removes the
 * events from the queue.
 */
export const checkSealFunction = (schema: string): string => `
  CREATE FUNCTION audit_check_seal() RETURNS trigger LANGUAGE plpgsql STABLE
  SET search_path = ${schema}, pg_temp AS $$
  DECLARE
    last_seq bigint; last_hash bytea; found integer; expected bytea;
  BEGIN
    PERFORM pg_advisory_xact_lock(${LOCK});
    SELECT newest.seq, newest.hash INTO last_seq, last_hash
      FROM ((SELECT seq, hash FROM audit_seals ORDER BY seq DESC LIMIT 1)
            UNION ALL
            (SELECT c.last_seq, c.last_hash FROM audit_checkpoints c ORDER BY c.id DESC LIMIT 1)) AS newest
     ORDER BY newest.seq DESC LIMIT 1;
    SELECT count(DISTINCT event.id), string_agg(sha256(convert_to(jsonb_build_array(
             event.id, ${moment('event.occurred_at')}, event.action, event.outcome, event.actor_id, event.subject_id,
             event.session_id, event.request_id, event.data, encode(event.details_digest, 'hex'))::text, 'UTF8')),
             ''::bytea ORDER BY place)
      INTO found, expected
      FROM unnest(NEW.event_ids) WITH ORDINALITY AS sealed (id, place)
      JOIN audit_unsealed waiting ON waiting.event_id = sealed.id
      JOIN audit_events event ON event.id = waiting.event_id AND event.occurred_at = waiting.occurred_at
     WHERE to_char(event.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-01') = to_char(NEW.month, 'YYYY-MM-DD');
    IF found > 0 AND found = cardinality(NEW.event_ids) AND found = NEW.events
       AND NEW.seq = coalesce(last_seq, 0) + 1
       AND NEW.previous_hash = coalesce(last_hash, decode(repeat('00', 32), 'hex'))
       AND NEW.sealed_at BETWEEN transaction_timestamp() AND clock_timestamp()
       AND NEW.digests = expected
       AND NEW.hash = sha256(convert_to(concat_ws('|', NEW.seq, to_char(NEW.month, 'YYYY-MM-DD'),
             ${moment('NEW.sealed_at')}, array_to_string(NEW.event_ids, ','), ''), 'UTF8') || NEW.previous_hash || NEW.digests)
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'seal % does not continue the chain of the audit log', NEW.seq
      USING ERRCODE = 'insufficient_privilege';
  END $$`;

/** Rights of other roles to revoke, on tables that only migrations write and on the queue of unsealed events. */
const REVOKED_RIGHTS: readonly [rights: string, relation: string][] = [
  ['INSERT, UPDATE, DELETE, TRUNCATE', 'schema_migrations'],
  ['USAGE, UPDATE', 'SEQUENCE schema_migrations_id_seq'],
  ['INSERT, UPDATE, DELETE, TRUNCATE', `${QUEUE_SCHEMA}.migrations`],
  ['UPDATE, TRUNCATE', 'audit_unsealed'],
  ['USAGE, UPDATE', 'SEQUENCE audit_checkpoints_id_seq'],
];

/** Revokes rights that other roles have by default privileges, as deploy/postgres/strict.sql sets them. */
export const NARROW_BOOKKEEPING_RIGHTS = REVOKED_RIGHTS.map(
  ([rights, relation]) => `
  DO $$
  DECLARE grantee regrole;
  BEGIN
    FOR grantee IN
      SELECT DISTINCT acl.grantee::regrole FROM pg_class, aclexplode(relacl) acl
       WHERE pg_class.oid = to_regclass('${relation.replace('SEQUENCE ', '')}') AND acl.grantee NOT IN (0, relowner)
    LOOP
      EXECUTE format('REVOKE ${rights} ON ${relation} FROM %s', grantee);
    END LOOP;
  END $$`,
);
