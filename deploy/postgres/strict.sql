-- Restricts the role of role.sql: the service may change rows but not tables. A role auth_owner becomes the owner of the
-- database; it migrates (`node dist/cli.js migration:run` at each upgrade, before the service starts) and restores. Run
-- it as a superuser, after role.sql:
--   AUTH_OWNER_PASSWORD=… psql -f deploy/postgres/strict.sql
-- Run it again after each restore, which restores no privileges. AUTH_DATABASE sets another database than auth.
\set ON_ERROR_STOP on
\getenv password AUTH_OWNER_PASSWORD
\set database auth
\getenv database AUTH_DATABASE

SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'auth_owner') AS missing \gset
\if :missing
CREATE ROLE auth_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
\endif
\if :{?password}
SET password_encryption = 'scram-sha-256';
-- Keeps the password out of the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
ALTER ROLE auth_owner PASSWORD :'password';
\endif

ALTER DATABASE :"database" OWNER TO auth_owner;
REVOKE CREATE, TEMPORARY ON DATABASE :"database" FROM PUBLIC, auth;
GRANT CONNECT ON DATABASE :"database" TO auth;
\connect :"database"
-- One transaction, so that a running service never has more privileges than at the end.
BEGIN;
REASSIGN OWNED BY auth TO auth_owner;
ALTER SCHEMA public OWNER TO auth_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC, auth;
GRANT USAGE ON SCHEMA public TO auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO auth;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO auth;
-- The job queue, if it exists already.
SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'graphile_worker') AS has_jobs \gset
\if :has_jobs
GRANT USAGE ON SCHEMA graphile_worker TO auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker TO auth;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA graphile_worker TO auth;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON graphile_worker.migrations FROM auth;
\endif
-- Only migrations write the list of applied migrations.
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON schema_migrations FROM auth;
REVOKE USAGE, UPDATE ON SEQUENCE schema_migrations_id_seq, audit_checkpoints_id_seq FROM auth;
-- The service may insert and read audit events, never change them. Two functions of the owner create and drop months.
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_events FROM auth;
-- Without id and occurred_at, so that no event can be backdated.
GRANT INSERT (action, outcome, actor_id, subject_id, session_id, request_id, data, details_digest) ON audit_events TO auth;
REVOKE UPDATE, TRUNCATE ON audit_unsealed FROM auth;
-- A trigger of the migration GuardAuditLog accepts only seals that continue the chain.
REVOKE UPDATE, DELETE, TRUNCATE ON audit_seals FROM auth;
REVOKE UPDATE, TRUNCATE ON audit_details FROM auth;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_checkpoints FROM auth;
GRANT EXECUTE ON FUNCTION audit_make_month(date), audit_drop_before(date) TO auth;
-- Direct access to a partition would bypass these rules. Backups, which run as auth, must read each partition.
SELECT format('REVOKE ALL ON %1$s FROM auth', inhrelid::regclass), format('GRANT SELECT ON %1$s TO auth', inhrelid::regclass)
  FROM pg_inherits WHERE inhparent IN ('audit_events'::regclass, 'audit_details'::regclass) \gexec
-- For objects that later migrations create.
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO auth;
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT USAGE, SELECT ON SEQUENCES TO auth;
COMMIT;
SELECT to_regproc('audit_check_seal') IS NULL AS unguarded \gset
\if :unguarded
\warn 'strict.sql: the schema is from an older release: run `node dist/cli.js migration:run` as auth_owner.'
\endif
