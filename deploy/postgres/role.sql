-- The role of the service and its database, once, as a superuser of PostgreSQL 14 to 18:
--   sudo -u postgres psql -f deploy/postgres/role.sql
-- The role owns its database, since the service migrates it at its start, and nothing else. Its password is taken from
-- AUTH_DB_PASSWORD; without one it can only sign in by other means, such as a Unix socket and the same user name.
\set ON_ERROR_STOP on
\getenv password AUTH_DB_PASSWORD

CREATE ROLE auth LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
\if :{?password}
SET password_encryption = 'scram-sha-256';
-- A password must not stand in the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
ALTER ROLE auth PASSWORD :'password';
\endif

CREATE DATABASE auth OWNER auth ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE auth FROM PUBLIC;
\connect auth
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO auth;
