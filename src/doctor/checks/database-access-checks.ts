import type { Authentication, ReachedDatabase } from '../facts/database-facts.js';
import type { Facts } from '../facts/facts.js';
import { isLoopback } from '../facts/network-facts.js';
import { type Checks, failInProduction, info, pass, type Verdict, warn } from './finding.js';
import { whenConnected } from './when-connected.js';

/** Passwords of tutorials and images, which a guesser tries first. */
const KNOWN_PASSWORDS: ReadonlySet<string> = new Set(
  `postgres password secret admin root test user changeme change-me change_me example default docker dbpassword
   mysecretpassword yourpassword your_password your-password pass passw0rd p@ssw0rd qwerty letmein fastapi
   fastapi_db auth 1234 12345 123456 12345678 123456789 1234567890 postgres123 password123 admin123 secret123
   secure123`.split(/\s+/),
);

const MAKE_ONE = "Make one with `openssl rand -base64 24`: ALTER ROLE … PASSWORD '…', then DATABASE_URL.";

/** The role that the service uses in the database, how it signs in, and what it may do. */
export const databaseAccess: Checks = {
  'database-password': whenConnected(password),
  'database-authentication': whenConnected(authentication),
  'database-role': whenConnected(role),
};

function password({ settings, address }: ReachedDatabase, facts: Facts): Verdict {
  const { password: text, user, database } = settings;
  if (!text) {
    return address === undefined
      ? pass('the account of this machine, over a Unix socket')
      : failInProduction(facts, 'no password is set for the database', MAKE_ONE);
  }
  const folded = text.toLowerCase();
  if (KNOWN_PASSWORDS.has(folded))
    return failInProduction(facts, 'the password of the database is one that everybody tries', MAKE_ONE);
  if ([user, database].some((name) => name.toLowerCase() === folded)) {
    return failInProduction(facts, 'the password of the database is the name of the role or of the database', MAKE_ONE);
  }
  return text.length < 12
    ? warn(`the password of the database has ${text.length} characters`, MAKE_ONE)
    : pass(`${text.length} characters`);
}

const ASKED: Readonly<Record<Authentication, string>> = {
  none: 'nothing',
  cleartext: 'the password itself',
  md5: 'an MD5 hash of the password',
  scram: 'SCRAM proof of the password',
};

function authentication({ authentication: asked, address, tls }: ReachedDatabase, facts: Facts): Verdict {
  const found = `the server asks for ${ASKED[asked]}`;
  if (asked === 'scram') return pass(found);
  if (asked === 'md5') {
    return warn(
      found,
      "Set password_encryption to scram-sha-256, the role's password anew, and pg_hba.conf to scram-sha-256.",
    );
  }
  if (asked === 'cleartext') {
    return tls === undefined && !(address === undefined || isLoopback(address))
      ? failInProduction(
          facts,
          `${found}, on a connection that others can read`,
          'Set pg_hba.conf to scram-sha-256, and PGSSLMODE=verify-full.',
        )
      : info(found);
  }
  if (address === undefined) return pass('the system vouches for the account (peer), or the socket is trusted');
  return failInProduction(
    facts,
    `${found}: everybody who reaches it is in (trust)`,
    'Set pg_hba.conf from trust to scram-sha-256 and reload PostgreSQL.',
  );
}

function role({ server, schema, settings: { user } }: ReachedDatabase, facts: Facts): Verdict {
  const remedy = 'Use a role that owns its own database and nothing else: deploy/postgres/role.sql makes one.';
  if (server.isSuperuser) {
    return failInProduction(facts, `${user} is a superuser: one injected statement has the whole server`, remedy);
  }
  if (server.spareRights.length > 0) {
    return warn(
      `${user} has rights that the service does not need: ${server.spareRights.join(', ')}`,
      `ALTER ROLE or REVOKE them from ${user}.`,
    );
  }
  if (schema.mayWriteMigrations) {
    return warn(
      `${user} owns no table, and may write schema_migrations, the list of the migrations that have run`,
      'Run deploy/postgres/strict.sql again: it leaves that right to the owner.',
    );
  }
  if (server.ownsDatabase) {
    return info(
      `${user} owns the database, so that a start can run migrations`,
      'Stricter: run `node dist/cli.js migration:run` as the owner at each upgrade, and the service as a role with SELECT, INSERT, UPDATE and DELETE alone.',
    );
  }
  return pass(`${user} is an ordinary role`);
}
