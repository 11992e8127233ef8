import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dropMonthsFunction, makeMonthFunction, REFUSE_FUNCTION } from './audit-functions.js';

const TABLES = [
  `CREATE SEQUENCE audit_event_ids AS bigint`,
  // Without foreign keys, because events outlive their account.
  `CREATE TABLE audit_events (
    id bigint NOT NULL DEFAULT nextval('audit_event_ids'),
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    action varchar(64) NOT NULL,
    outcome varchar(16) NOT NULL,
    actor_id integer,
    subject_id integer,
    session_id uuid,
    request_id varchar(64),
    data jsonb NOT NULL,
    details_digest bytea,
    CONSTRAINT pk_audit_events PRIMARY KEY (id, occurred_at)
  ) PARTITION BY RANGE (occurred_at)`,
  'CREATE INDEX ix_audit_events_subject ON audit_events (subject_id, occurred_at, id)',
  'CREATE TABLE audit_events_default PARTITION OF audit_events DEFAULT',
  `CREATE TABLE audit_details (
    event_id bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    actor_id integer,
    subject_id integer,
    address varchar(64),
    user_agent varchar(512),
    personal jsonb,
    salt bytea NOT NULL,
    CONSTRAINT pk_audit_details PRIMARY KEY (event_id, occurred_at)
  ) PARTITION BY RANGE (occurred_at)`,
  'CREATE INDEX ix_audit_details_subject ON audit_details (subject_id)',
  'CREATE INDEX ix_audit_details_actor ON audit_details (actor_id)',
  'CREATE TABLE audit_details_default PARTITION OF audit_details DEFAULT',
  `CREATE TABLE audit_unsealed (
    event_id bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    CONSTRAINT pk_audit_unsealed PRIMARY KEY (event_id)
  )`,
  `CREATE TABLE audit_seals (
    seq bigint NOT NULL,
    month date NOT NULL,
    events integer NOT NULL,
    event_ids bigint[] NOT NULL,
    digests bytea NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    CONSTRAINT pk_audit_seals PRIMARY KEY (seq)
  )`,
  'CREATE INDEX ix_audit_seals_month ON audit_seals (month, seq)',
  `CREATE TABLE audit_checkpoints (
    id bigint GENERATED ALWAYS AS IDENTITY,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    dropped_before date NOT NULL,
    dropped_events bigint NOT NULL,
    last_seq bigint NOT NULL,
    last_hash bytea NOT NULL,
    CONSTRAINT pk_audit_checkpoints PRIMARY KEY (id)
  )`,
];

/** Operations that are refused to every role. Details may be deleted, which is how they are erased. */
const REFUSED_OPERATIONS: readonly [table: string, operations: string][] = [
  ['audit_events', 'UPDATE OR DELETE'],
  ['audit_seals', 'UPDATE OR DELETE'],
  ['audit_checkpoints', 'UPDATE OR DELETE'],
  ['audit_details', 'UPDATE'],
];
/**
 * Tables with a trigger against TRUNCATE. Partitions need a separate one, which `audit_make_month` adds to new ones.
 */
const NEVER_TRUNCATED = [
  ...REFUSED_OPERATIONS.map(([table]) => table),
  'audit_events_default',
  'audit_details_default',
];

/**
 * Limits the rights that another role has on the new tables by default privileges (deploy/postgres/strict.sql) to those
 * that the service needs.
 */
const NARROW_RIGHTS = `
  DO $$
  DECLARE grantee regrole;
  BEGIN
    FOR grantee IN
      SELECT DISTINCT acl.grantee::regrole FROM pg_class, aclexplode(relacl) acl
       WHERE pg_class.oid = 'audit_events'::regclass AND acl.grantee NOT IN (0, relowner)
    LOOP
      EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_events FROM %s', grantee);
      -- Without id and occurred_at, so that the role cannot insert events in the past.
      EXECUTE format('GRANT INSERT (action, outcome, actor_id, subject_id, session_id, request_id, data, details_digest)
                      ON audit_events TO %s', grantee);
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit_seals FROM %s', grantee);
      EXECUTE format('REVOKE UPDATE, TRUNCATE ON audit_details FROM %s', grantee);
      EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_checkpoints FROM %s', grantee);
      EXECUTE format('REVOKE ALL ON audit_events_default, audit_details_default FROM %s', grantee);
      EXECUTE format('GRANT SELECT ON audit_events_default, audit_details_default TO %s', grantee);
      EXECUTE format('GRANT EXECUTE ON FUNCTION audit_make_month(date), audit_drop_before(date) TO %s', grantee);
    END LOOP;
  END $$`;

/** Creates the audit log. See docs/audit.md. */
export class CreateAudit1770000300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of TABLES) await runner.query(sql);
    const [{ schema = '' } = {}] = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as {
      schema?: string;
    }[];
    for (const sql of [REFUSE_FUNCTION, makeMonthFunction(schema), dropMonthsFunction(schema)]) await runner.query(sql);
    for (const [table, operations] of REFUSED_OPERATIONS) {
      await runner.query(`CREATE TRIGGER tr_${table}_append_only BEFORE ${operations} ON ${table}
        FOR EACH ROW EXECUTE FUNCTION audit_refuse()`);
    }
    for (const table of NEVER_TRUNCATED) {
      await runner.query(`CREATE TRIGGER tr_${table}_truncate BEFORE TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()`);
    }
    await runner.query('REVOKE ALL ON FUNCTION audit_make_month(date), audit_drop_before(date) FROM PUBLIC');
    await runner.query(NARROW_RIGHTS);
    await runner.query(`
      SELECT audit_make_month(((now() AT TIME ZONE 'UTC') + months * interval '1 month')::date)
        FROM generate_series(0, 2) AS months`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE audit_events, audit_details, audit_unsealed, audit_seals, audit_checkpoints CASCADE',
    );
    await runner.query('DROP SEQUENCE audit_event_ids');
    await runner.query('DROP FUNCTION audit_make_month(date), audit_drop_before(date), audit_refuse()');
  }
}
