import type { Authentication, ReachedDatabase } from '../facts/database-facts.js';
import type { Facts } from '../facts/facts.js';
import { isLoopback } from '../facts/network-facts.js';
import { type Checks, failInProduction, info, pass, type Verdict, warn } from './finding.js';
import { whenConnected } from './when-connected.js';

/** Passwords from tutorials and images, which attackers try first. */
const KNOWN_PASSWORDS: ReadonlySet<string> = new Set(
  `postgres password secret admin root test user changeme change-me change_me example default docker dbpassword
   mysecretpassword yourpassword your_password your-password pass passw0rd p@ssw0rd qwerty letmein fastapi
   fastapi_db auth 1234 12345 123456 12345678 123456789 1234567890 postgres123 password123 admin123 secret123
   secure123`.split(/\s+/),
);

const GENERATE_ONE =
  "Generate one with `openssl rand -base64 24`, set it with ALTER ROLE … PASSWORD '…', and update DATABASE_URL.";

/** Checks of the service's role in the database: its password, authentication and rights. */
export const databaseAccess: Checks = {
  'database-password': whenConnected(password),
  'database-authentication': whenConnected(authentication),
  'database-role': whenConnected(role),
};

function password({ settings, address }: ReachedDatabase, facts: Facts): Verdict {
  const { password: text, user, database } = settings;
  if (!text) {
    return address === undefined
      ? pass('no password: a Unix socket authenticates the operating system account')
      : failInProduction(facts, 'the database connection has no password', GENERATE_ONE);
  }
  const folded = text.toLowerCase();
  if (KNOWN_PASSWORDS.has(folded))
    return failInProduction(facts, 'the password of the database is a common password', GENERATE_ONE);
  if ([user, database].some((name) => name.toLowerCase() === folded)) {
    return failInProduction(
      facts,
      'the password of the database is the name of the role or of the database',
      GENERATE_ONE,
    );
  }
  return text.length < 12
    ? warn(`the password of the database has ${text.length} characters`, GENERATE_ONE)
    : pass(`${text.length} characters`);
}

const REQUIRED: Readonly<Record<Authentication, string>> = {
  none: 'no password',
  cleartext: 'the password itself',
  md5: 'an MD5 hash of the password',
  scram: 'a SCRAM proof of the password',
};

function authentication({ authentication: method, address, tls }: ReachedDatabase, facts: Facts): Verdict {
  const found = `the server requires ${REQUIRED[method]}`;
  if (method === 'scram') return pass(found);
  if (method === 'md5') {
    return warn(
      found,
      "Set password_encryption to scram-sha-256, set the role's password again, and change pg_hba.conf to scram-sha-256.",
    );
  }
  if (method === 'cleartext') {
    return tls === undefined && !(address === undefined || isLoopback(address))
      ? failInProduction(
          facts,
          `${found}, on an unencrypted connection`,
          'Change pg_hba.conf to scram-sha-256, and set PGSSLMODE=verify-full.',
        )
      : info(found);
  }
  if (address === undefined)
    return pass('the operating system identifies the account (peer), or the socket is trusted');
  return failInProduction(
    facts,
    `${found}: anyone who can reach it has access (trust)`,
    'Change trust to scram-sha-256 in pg_hba.conf, and reload PostgreSQL.',
  );
}

function role({ server, schema, settings: { user } }: ReachedDatabase, facts: Facts): Verdict {
  const remedy = 'Use a role that owns only its database: deploy/postgres/role.sql creates one.';
  if (server.isSuperuser) {
    return failInProduction(facts, `${user} is a superuser: an injected statement controls the whole server`, remedy);
  }
  if (server.spareRights.length > 0) {
    return warn(
      `${user} has rights that the service does not need: ${server.spareRights.join(', ')}`,
      `Remove them with ALTER ROLE, or REVOKE the roles from ${user}.`,
    );
  }
  if (schema.mayWriteMigrations) {
    return warn(
      `${user} owns no table, but may write schema_migrations, the list of executed migrations`,
      'Run deploy/postgres/strict.sql again: it limits that right to the owner.',
    );
  }
  if (server.ownsDatabase) {
    return info(
      `${user} owns the database, so a start can run migrations`,
      'Stricter: run `node dist/cli.js migration:run` as the owner at each upgrade, and the service as a role with only SELECT, INSERT, UPDATE and DELETE.',
    );
  }
  return pass(`${user} is an ordinary role`);
}
