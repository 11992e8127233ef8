-- Stricter than role.sql, and after it: the service may change rows, not tables. Its database goes to a role auth_owner,
-- which migrates (`node dist/cli.js migration:run` at each upgrade, before the service starts) and restores. As a superuser:
--   AUTH_OWNER_PASSWORD=… psql -f deploy/postgres/strict.sql
-- May be run again, and must be after a restore, which brings no rights along.
\set ON_ERROR_STOP on
\getenv password AUTH_OWNER_PASSWORD

SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'auth_owner') AS missing \gset
\if :missing
CREATE ROLE auth_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
\endif
\if :{?password}
SET password_encryption = 'scram-sha-256';
-- A password must not stand in the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
ALTER ROLE auth_owner PASSWORD :'password';
\endif

ALTER DATABASE auth OWNER TO auth_owner;
GRANT CONNECT ON DATABASE auth TO auth;
\connect auth
REASSIGN OWNED BY auth TO auth_owner;
ALTER SCHEMA public OWNER TO auth_owner;
GRANT USAGE ON SCHEMA public TO auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO auth;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO auth;
-- What later migrations make.
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO auth;
ALTER DEFAULT PRIVILEGES FOR ROLE auth_owner GRANT USAGE, SELECT ON SEQUENCES TO auth;
