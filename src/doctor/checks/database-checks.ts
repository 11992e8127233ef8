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

/** An access token from a machine whose clock is ahead by more is refused by the others. */
const CLOCK_LIMIT_MS = 60_000;
const CLOCK_NOTICE_MS = 5000;

/** PostgreSQL: there, the right one, safe, and large enough. */
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
    const apart = Math.abs(clockAheadMs);
    const found = `the clocks of this machine and of the database are ${(apart / 1000).toFixed(1)} s apart`;
    const remedy = 'Let both follow a time server: `timedatectl set-ntp true`.';
    if (apart > CLOCK_LIMIT_MS) return fail(`${found}: tokens are refused, or live too long`, remedy);
    return apart > CLOCK_NOTICE_MS ? warn(found, remedy) : pass(found);
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
        ? info('the embedded PostgreSQL, which starts with the service: not checked')
        : warn(
            'the embedded PostgreSQL serves one process on one machine, and nobody backs it up or patches it',
            'Install PostgreSQL and set DATABASE_URL.',
          );
    case 'unreachable':
      return fail(found.reason, 'Start PostgreSQL, or mend DATABASE_URL; `pg_isready` asks from here.');
    default:
      return version(found);
  }
}

function version({ place, server, settings }: ReachedDatabase): Verdict {
  const found = `PostgreSQL ${server.version} at ${place} as ${settings.user}`;
  if (server.isReadOnly)
    return fail(
      `${found} can only be read: a standby, or default_transaction_read_only`,
      'Point DATABASE_URL at the primary.',
    );
  if (server.major > NEWEST_MAJOR)
    return warn(`${found} is newer than what this version is tested with (14 to 18)`, 'Update the service.');
  return pass(found);
}

function tls({ address, tls: protocol, settings }: ReachedDatabase, facts: Facts): Verdict {
  if (address === undefined || isLoopback(address)) return pass('the database is on this machine');
  const remedy =
    'Set PGSSLMODE=verify-full, or sslmode in DATABASE_URL, and PGSSLROOTCERT if its authority is your own.';
  if (protocol === undefined) {
    const found = `passwords of accounts travel in the clear to the database at ${address}`;
    return isPrivate(address)
      ? warn(`${found}, an address of a private network`, remedy)
      : failInProduction(facts, found, remedy);
  }
  if (settings.sslMode !== 'verify-full') {
    return warn(
      `${protocol} to the database at ${address}, but anybody may pose as it (sslmode ${settings.sslMode})`,
      remedy,
    );
  }
  return pass(`${protocol} to the database at ${address}, its certificate and name checked`);
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
      `Run deploy/postgres/strict.sql once more, or GRANT SELECT, INSERT, UPDATE, DELETE on these tables TO ${settings.user}.`,
    );
  }
  if (isKeptFromQueue) {
    return fail(
      `the role ${settings.user} may not use the job queue, the schema graphile_worker`,
      'Run deploy/postgres/strict.sql once more, which grants what the role needs.',
    );
  }
  if (pending.length > 0)
    return warn(
      `pending: ${pending.join(', ')}`,
      'The next start runs them; `node dist/cli.js migration:run` does it now. Have a backup.',
    );
  if (foreign.length > 0) {
    return warn(`the database is newer than this build: ${foreign.join(', ')}`, 'Deploy the build that brought them.');
  }
  return pass('the schema is up to date');
}

function passwordHashes({ schema: { unusableHashes } }: ReachedDatabase): Verdict {
  if (!unusableHashes) return info('the password hashes of the accounts were not counted');
  const unusable = describeUnusable(unusableHashes);
  return unusable
    ? warn(unusable, 'Their owners set a new password by the link that forgot-password sends.')
    : pass('every account has a password hash that can be verified');
}

function durability({ server }: ReachedDatabase, facts: Facts): Verdict {
  if (!server.survivesCrash) {
    return failInProduction(
      facts,
      'fsync or full_page_writes is off: a crash of the machine may destroy the database',
      'Set both to on in postgresql.conf.',
    );
  }
  if (!server.keepsCommits)
    return warn('synchronous_commit is off: a crash forgets the last answers', 'Set it to on in postgresql.conf.');
  return pass('what is written survives a crash');
}
