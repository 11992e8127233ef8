import type { Logger } from 'pino';
import { ConfigurationError } from '../config/configuration-error.js';
import type { DatabaseSettings } from '../config/database-settings.js';
import type { PlatformSettings } from '../config/platform-settings.js';
import { shortLivedClient } from './pg-client.js';
import { isPooled } from './pooler.js';

/** What a process opens beside its pool: the connection that /health asks over. */
const HEALTH_CONNECTIONS = 1;

/** What a process opens to do jobs: one that listens, one that shows that it lives, one that fetches jobs and ends them. */
export const JOB_CONNECTIONS = 3;

/** What a process opens while it migrates: the lock, and two of TypeORM. */
const MIGRATION_CONNECTIONS = 3;

/** PM2 reloads two processes at a time (PM2_CONCURRENT_ACTIONS), one where there are but two. */
const MAX_CONCURRENT_RELOADS = 2;

const ATTEMPT_MS = 5000;

/** How many connections the processes of the service may open together, at most. */
export interface ConnectionDemand {
  serving: number;
  /** With the processes that a reload starts before it stops the old ones. */
  reloading: number;
}

/** How many the server grants, and what says so. */
export interface ConnectionSupply {
  connections: number;
  source: string;
}

type Counts = Pick<PlatformSettings, 'WORKERS' | 'DB_POOL_SIZE' | 'WORKER'>;

export function connectionDemand({ WORKERS, DB_POOL_SIZE, WORKER }: Counts): ConnectionDemand {
  const each = DB_POOL_SIZE + HEALTH_CONNECTIONS + jobConnections(WORKER);
  return {
    serving: WORKERS * each + MIGRATION_CONNECTIONS,
    reloading: (WORKERS + startedByReload(WORKERS)) * each + MIGRATION_CONNECTIONS,
  };
}

function jobConnections(worker: Counts['WORKER']): number {
  return worker === 'off' ? 0 : JOB_CONNECTIONS;
}

function startedByReload(workers: number): number {
  return workers > 2 ? MAX_CONCURRENT_RELOADS : 1;
}

/**
 * Compares what all processes may open with what PostgreSQL grants, before the first request rather than under load, where
 * each connection too many is a 503.
 *
 * @throws ConfigurationError with the sum, and what to change
 */
export async function checkConnectionBudget(settings: DatabaseSettings, counts: Counts, logger: Logger): Promise<void> {
  const supply = await readSupply(settings, logger);
  if (!supply) return;
  const { serving, reloading } = connectionDemand(counts);
  // A single process may be one that is stopped before the next one starts.
  const needed = counts.WORKERS > 1 ? reloading : serving;
  if (needed > supply.connections) throw new ConfigurationError(describeShortage(counts, supply));
  if (reloading > supply.connections) {
    logger.warn(
      `${describeShortage(counts, supply)} It suffices as long as a new process starts after the old one ended.`,
    );
  }
}

/** @returns the sum as it is made, and what would make it fit */
export function describeShortage(counts: Counts, { connections, source }: ConnectionSupply): string {
  const { WORKERS, DB_POOL_SIZE, WORKER } = counts;
  const more = startedByReload(WORKERS);
  const jobs = jobConnections(WORKER);
  const each = `${DB_POOL_SIZE} (DB_POOL_SIZE) + ${HEALTH_CONNECTIONS} (/health)${jobs > 0 ? ` + ${jobs} (jobs)` : ''}`;
  const processes = `${WORKERS} (WORKERS) + ${more} (during a reload)`;
  const sum = `(${processes}) × (${each}) + ${MIGRATION_CONNECTIONS} (migrations) = ${connectionDemand(counts).reloading}`;
  return `PostgreSQL grants ${connections} connections (${source}), the service may open ${sum}. ${remedy(counts, connections)}`;
}

function remedy({ WORKERS, WORKER }: Counts, connections: number): string {
  const fitting = Math.floor((connections - MIGRATION_CONNECTIONS) / (WORKERS + startedByReload(WORKERS)));
  const poolSize = fitting - HEALTH_CONNECTIONS - jobConnections(WORKER);
  return poolSize >= 1
    ? `Set DB_POOL_SIZE=${poolSize}, or raise that limit.`
    : 'Set fewer WORKERS, or raise that limit.';
}

/** @throws ConfigurationError where several processes would each want the embedded database, which one process holds */
export function refuseSharedEmbeddedDatabase({ WORKERS }: Pick<Counts, 'WORKERS'>): void {
  if (WORKERS === 1) return;
  throw new ConfigurationError(
    `WORKERS is ${WORKERS}, but no database is configured, and the embedded one serves a single process. Set DATABASE_URL, or WORKERS=1.`,
  );
}

interface Limits {
  pid: number;
  maximum: number;
  reserved: number;
  /** Limits of the role and of the database; negative for none. A superuser has none. */
  superuser: boolean;
  role: number;
  database: number;
}

const LIMITS = `
  SELECT pg_backend_pid() AS pid,
         current_setting('max_connections')::int AS maximum,
         current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
         rolsuper AS superuser, rolconnlimit AS role, datconnlimit AS database
    FROM pg_roles, pg_database WHERE rolname = session_user AND datname = current_database()`;

/** @returns undefined where the server's limits are not the ones that count, or cannot be read */
export async function readSupply(settings: DatabaseSettings, logger: Logger): Promise<ConnectionSupply | undefined> {
  const client = shortLivedClient(settings, ATTEMPT_MS);
  try {
    await client.connect();
    const { rows } = await client.query<Limits>(LIMITS);
    const limits = rows[0];
    if (limits && !isPooled(client, limits.pid)) return tightest(limits, settings);
    if (limits)
      logger.info('connections to PostgreSQL go through a pooler: its limits are to hold WORKERS × DB_POOL_SIZE');
  } catch (error) {
    logger.warn({ err: error }, 'the connections that PostgreSQL grants could not be read');
  } finally {
    await client.end().catch(() => undefined);
  }
  return undefined;
}

function tightest(limits: Limits, { user, database }: DatabaseSettings): ConnectionSupply {
  const { maximum, reserved, superuser } = limits;
  const supplies = [
    { connections: maximum - reserved, source: `max_connections ${maximum}, ${reserved} of them reserved` },
  ];
  if (!superuser && limits.role >= 0) {
    supplies.push({ connections: limits.role, source: `CONNECTION LIMIT of the role ${user}` });
  }
  if (!superuser && limits.database >= 0) {
    supplies.push({ connections: limits.database, source: `CONNECTION LIMIT of the database ${database}` });
  }
  return supplies.reduce((least, supply) => (supply.connections < least.connections ? supply : least));
}
