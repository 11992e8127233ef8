-- Creates the service's role and database. Run it once as a superuser of PostgreSQL 14 to 18:
--   sudo -u postgres psql -f deploy/postgres/role.sql
-- The role owns only its database, which the service migrates at its start. AUTH_DB_PASSWORD sets the role's password;
-- without it the role can only use other authentication, such as peer authentication on a Unix socket.
\set ON_ERROR_STOP on
\getenv password AUTH_DB_PASSWORD

CREATE ROLE auth LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
\if :{?password}
SET password_encryption = 'scram-sha-256';
-- Keeps the password out of the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
ALTER ROLE auth PASSWORD :'password';
\endif

CREATE DATABASE auth OWNER auth ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE auth FROM PUBLIC;
\connect auth
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO auth;
