import { describeUnusable } from '../../migrations/password-hashes.js';
import type { ReachedDatabase } from '../facts/database-facts.js';
import type { Facts } from '../facts/facts.js';
import { isLoopback, isPrivate } from '../facts/network-facts.js';
import { connectionBudget, pooling } from './connection-check.js';
import { databaseAccess } from './database-access-checks.js';
import { type Checks, fail, failInProduction, info, pass, type Verdict, warn } from './finding.js';
import { whenConnected } from './when-connected.js';

/** The newest major version that the service is tested with. */
const NEWEST_MAJOR = 18;

/** Other machines reject access tokens from a machine whose clock is ahead by more. */
const CLOCK_LIMIT_MS = 60_000;
const CLOCK_NOTICE_MS = 5000;

/** Checks of PostgreSQL: its version, security, schema, connections and durability. */
export const databaseChecks: Checks = {
  database,
  ...databaseAccess,
  'database-tls': whenConnected(tls),
  'database-migrations': whenConnected(migrations),
  'password-hashes': whenConnected(passwordHashes),
  'database-pooling': whenConnected(pooling),
  'database-connections': whenConnected(connectionBudget),
  'database-durability': whenConnected(durability),
  'database-clock': whenConnected(({ clockAheadMs }) => {
    const differenceMs = Math.abs(clockAheadMs);
    const found = `the clocks of this machine and of the database are ${(differenceMs / 1000).toFixed(1)} s apart`;
    const remedy = 'Synchronize both with a time server: `timedatectl set-ntp true`.';
    if (differenceMs > CLOCK_LIMIT_MS) return fail(`${found}: tokens are rejected, or are valid for too long`, remedy);
    return differenceMs > CLOCK_NOTICE_MS ? warn(found, remedy) : pass(found);
  }),
};

function database(facts: Facts): Verdict {
  const { database: found } = facts;
  switch (found.state) {
    case 'unknown':
      return info(`not checked: ${found.reason}`, 'Set DATABASE_URL, as docs/configuration.md shows.');
    case 'embedded':
      if (facts.settings.environment.WORKERS > 1) {
        return fail('several WORKERS cannot share the embedded PostgreSQL', 'Set DATABASE_URL, or WORKERS=1.');
      }
      return facts.settings.environment.DEBUG
        ? info('not checked: the embedded PostgreSQL starts with the service')
        : warn(
            'the embedded PostgreSQL serves one process on one machine, without backups and security updates',
            'Install PostgreSQL and set DATABASE_URL.',
          );
    case 'unreachable':
      return fail(found.reason, 'Start PostgreSQL, or correct DATABASE_URL. `pg_isready` tests the connection.');
    default:
      return version(found);
  }
}

function version({ endpoint, server, settings }: ReachedDatabase): Verdict {
  const found = `PostgreSQL ${server.version} at ${endpoint} as ${settings.user}`;
  if (server.isReadOnly)
    return fail(
      `${found} is read-only: a standby, or default_transaction_read_only`,
      'Point DATABASE_URL at the primary.',
    );
  if (server.major > NEWEST_MAJOR)
    return warn(
      `${found} is newer than the versions that this release is tested with (14 to 18)`,
      'Update the service.',
    );
  return pass(found);
}

function tls({ address, tls: protocol, settings }: ReachedDatabase, facts: Facts): Verdict {
  if (address === undefined || isLoopback(address)) return pass('the database is on this machine');
  const remedy =
    'Set PGSSLMODE=verify-full, or sslmode in DATABASE_URL, and PGSSLROOTCERT for a private certificate authority.';
  if (protocol === undefined) {
    const found = `account data is not encrypted on the way to the database at ${address}`;
    return isPrivate(address)
      ? warn(`${found}, an address of a private network`, remedy)
      : failInProduction(facts, found, remedy);
  }
  if (settings.sslMode !== 'verify-full') {
    return warn(
      `${protocol} to the database at ${address}, but its identity is not verified (sslmode ${settings.sslMode})`,
      remedy,
    );
  }
  return pass(`${protocol} to the database at ${address}, with a verified certificate and name`);
}

function migrations({ schema, settings }: ReachedDatabase): Verdict {
  const { pending, foreign, unadoptable, lackingRights, isKeptFromQueue } = schema;
  if (unadoptable)
    return fail(
      unadoptable,
      'The service does not start until this is fixed; docs/troubleshooting/startup.md describes how.',
    );
  if (lackingRights.length > 0) {
    return fail(
      `the role ${settings.user} lacks ${lackingRights.join('; ')}`,
      `Run deploy/postgres/strict.sql again, or GRANT SELECT, INSERT, UPDATE, DELETE on these tables TO ${settings.user}.`,
    );
  }
  if (isKeptFromQueue) {
    return fail(
      `the role ${settings.user} may not use the job queue, the schema graphile_worker`,
      'Run deploy/postgres/strict.sql again, which grants the required rights.',
    );
  }
  if (pending.length > 0)
    return warn(
      `pending: ${pending.join(', ')}`,
      'Make a backup. The next start runs them, or run `node dist/cli.js migration:run` now.',
    );
  if (foreign.length > 0) {
    return warn(`the database is newer than this build: ${foreign.join(', ')}`, 'Deploy the build that contains them.');
  }
  return pass('the schema is up to date');
}

function passwordHashes({ schema: { unusableHashes } }: ReachedDatabase): Verdict {
  if (!unusableHashes) return info('the password hashes of the accounts were not counted');
  const unusable = describeUnusable(unusableHashes);
  return unusable
    ? warn(unusable, 'Their owners can set a new password with the link that forgot-password sends.')
    : pass('every account has a password hash that can be verified');
}

function durability({ server }: ReachedDatabase, facts: Facts): Verdict {
  if (!server.survivesCrash) {
    return failInProduction(
      facts,
      'fsync or full_page_writes is off: a crash of the machine can corrupt the database',
      'Set both to on in postgresql.conf.',
    );
  }
  if (!server.keepsCommits)
    return warn('synchronous_commit is off: a crash loses the most recent changes', 'Set it to on in postgresql.conf.');
  return pass('committed data survives a crash');
}
