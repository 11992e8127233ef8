/** The minimum age of months that retention drops, which the database enforces regardless of the setting. */
const MIN_DROPPED_AGE = '31 days';

/** The advisory lock for changes of the seals and months, "audt" in ASCII. Also used in `src/audit/hash-chain.ts`. */
export const LOCK = 0x61756474;

/**
 * `audit_refuse()`: the trigger function that refuses changes, except deletions by retention, which sets
 * `audit.dropping`.
 */
export const REFUSE_FUNCTION = `
  CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'DELETE' AND current_setting('audit.dropping', true) = 'on' THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'the audit log is append-only: % of % is refused', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege';
  END $$`;

/** A condition for `makeMonthFunction`: only the owner may create months that the service does not need. */
export const OWN_MONTHS_ONLY = `
    IF NOT pg_has_role(session_user, current_user, 'USAGE')
       AND first NOT BETWEEN date_trunc('month', now() AT TIME ZONE 'UTC')
                         AND date_trunc('month', now() AT TIME ZONE 'UTC') + interval '2 months' THEN
      RAISE EXCEPTION 'only the present month of the audit log and the two after it are created'
        USING ERRCODE = 'insufficient_privilege';
    END IF;`;

/**
 * `audit_make_month(date)`: creates the partitions of the month of a day, and returns whether it created any. It runs
 * with the rights of the owner, because the service's role may not create tables. It creates the partitions as separate
 * tables and attaches them: creating them in place would block all writers. It fails if it does not get its locks soon.
 * The rows of a month that are already in the default partition stay there.
 *
 * @param condition statements at the beginning of the function
 */
export const makeMonthFunction = (schema: string, condition = ''): string => `
  CREATE OR REPLACE FUNCTION audit_make_month(day date) RETURNS boolean LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = ${schema}, pg_temp SET lock_timeout = '3s' AS $$
  DECLARE
    first timestamp := date_trunc('month', day::timestamp);
    low timestamptz := first AT TIME ZONE 'UTC';
    high timestamptz := (first + interval '1 month') AT TIME ZONE 'UTC';
    base text; part text; taken boolean; grantee text; made boolean := false;
  BEGIN${condition}
    PERFORM pg_advisory_xact_lock(${LOCK});
    FOREACH base IN ARRAY ARRAY['audit_events', 'audit_details'] LOOP
      part := base || to_char(first, '_YYYY_MM');
      CONTINUE WHEN to_regclass(part) IS NOT NULL;
      EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE occurred_at >= $1 AND occurred_at < $2)', base || '_default')
        INTO taken USING low, high;
      CONTINUE WHEN taken;
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, base);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', base, part, low, high);
      EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()',
                     'tr_' || part || '_truncate', part);
      -- Default privileges would bypass the rights on the parent table. A backup selects from the partition directly.
      FOR grantee IN SELECT DISTINCT acl.grantee::regrole::text FROM pg_class, aclexplode(relacl) acl
                      WHERE pg_class.oid = to_regclass(part) AND acl.grantee NOT IN (0, relowner) LOOP
        EXECUTE format('REVOKE ALL ON %I FROM %s', part, grantee);
        EXECUTE format('GRANT SELECT ON %I TO %s', part, grantee);
      END LOOP;
      made := true;
    END LOOP;
    RETURN made;
  END $$`;

/**
 * `audit_drop_before(date)`: drops the events before the month of a day, records a checkpoint with the hash that the
 * rest of the chain continues, and returns the number of dropped events. From the first seal of a later month on, all
 * seals stay, including those of older months, because they contain the hashes of their events and keep the chain
 * complete. While the function waits to drop a table, such as during a backup, all writers of events wait too, so its
 * timeout is short.
 */
export const dropMonthsFunction = (schema: string): string => `
  CREATE FUNCTION audit_drop_before(day date) RETURNS bigint LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = ${schema}, pg_temp SET lock_timeout = '3s' AS $$
  DECLARE
    first date := date_trunc('month', day::timestamp)::date;
    cutoff timestamptz := first::timestamp AT TIME ZONE 'UTC';
    part text; dropped bigint; kept_seq bigint; last_seq bigint; last_hash bytea;
  BEGIN
    IF cutoff > now() - interval '${MIN_DROPPED_AGE}' THEN
      RAISE EXCEPTION 'the audit log of the last ${MIN_DROPPED_AGE} is not dropped';
    END IF;
    PERFORM pg_advisory_xact_lock(${LOCK});
    IF EXISTS (SELECT FROM audit_unsealed WHERE occurred_at < cutoff) THEN
      RAISE EXCEPTION 'events from before % are not sealed yet', first;
    END IF;
    SELECT count(*) INTO dropped FROM audit_events WHERE occurred_at < cutoff;
    PERFORM set_config('audit.dropping', 'on', true);
    PERFORM set_config('lock_timeout', '500ms', true);
    FOR part IN
      SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
       WHERE inhparent IN ('audit_events'::regclass, 'audit_details'::regclass) AND relname ~ '_\\d{4}_\\d\\d$'
         AND to_date(right(relname, 7), 'YYYY_MM') < first
    LOOP
      EXECUTE format('DROP TABLE %I', part);
    END LOOP;
    PERFORM set_config('lock_timeout', '3s', true);
    DELETE FROM audit_events_default WHERE occurred_at < cutoff;
    DELETE FROM audit_details_default WHERE occurred_at < cutoff;
    SELECT min(seq) INTO kept_seq FROM audit_seals WHERE month >= first;
    SELECT s.seq, s.hash INTO last_seq, last_hash FROM audit_seals s
     WHERE kept_seq IS NULL OR s.seq < kept_seq ORDER BY s.seq DESC LIMIT 1;
    IF last_seq IS NULL THEN
      SELECT c.last_seq, c.last_hash INTO last_seq, last_hash FROM audit_checkpoints c ORDER BY c.id DESC LIMIT 1;
    END IF;
    DELETE FROM audit_seals s WHERE s.seq <= last_seq;
    PERFORM set_config('audit.dropping', '', true);
    IF dropped > 0 THEN
      INSERT INTO audit_checkpoints (dropped_before, dropped_events, last_seq, last_hash)
      VALUES (first, dropped, coalesce(last_seq, 0), coalesce(last_hash, decode(repeat('00', 32), 'hex')));
    END IF;
    RETURN dropped;
  END $$`;
