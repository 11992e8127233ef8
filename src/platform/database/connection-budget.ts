import type { Logger } from 'pino';
import { ConfigurationError } from '../config/configuration-error.js';
import type { DatabaseSettings } from '../config/database-settings.js';
import type { PlatformSettings } from '../config/platform-settings.js';
import { shortLivedClient } from './pg-client.js';
import { isPooled } from './pooler.js';

/** Connections of a process for health checks. */
const HEALTH_CONNECTIONS = 1;

/** Connections of a process for jobs: one listens, one is the heartbeat, one fetches and completes jobs. */
export const JOB_CONNECTIONS = 3;

/** Connections of a process during migrations: one holds the lock, two are TypeORM's. */
const MIGRATION_CONNECTIONS = 3;

/** PM2 reloads two processes at a time (PM2_CONCURRENT_ACTIONS), or one if there are only two. */
const MAX_CONCURRENT_RELOADS = 2;

const ATTEMPT_MS = 5000;

/** Maximum number of connections that all processes of the service open together. */
export interface ConnectionDemand {
  serving: number;
  /** During a reload, which starts new processes before it stops the old ones. */
  reloading: number;
}

/** Number of connections that the server grants. */
export interface ConnectionSupply {
  connections: number;
  /** The limit that decides, such as `max_connections 100, 3 of them reserved`. */
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
 * Checks at the start that PostgreSQL grants enough connections for all processes. Otherwise requests would fail with
 * 503 under load.
 *
 * @throws ConfigurationError with the sum and a remedy
 */
export async function checkConnectionBudget(settings: DatabaseSettings, counts: Counts, logger: Logger): Promise<void> {
  const supply = await readSupply(settings, logger);
  if (!supply) return;
  const { serving, reloading } = connectionDemand(counts);
  // A single process may be stopped before the next one starts.
  const needed = counts.WORKERS > 1 ? reloading : serving;
  if (needed > supply.connections) throw new ConfigurationError(describeShortage(counts, supply));
  if (reloading > supply.connections) {
    logger.warn(
      `${describeShortage(counts, supply)} The limit suffices only if the old process stops before a new one starts.`,
    );
  }
}

/** @returns the calculation, and a remedy */
export function describeShortage(counts: Counts, { connections, source }: ConnectionSupply): string {
  const { WORKERS, DB_POOL_SIZE, WORKER } = counts;
  const started = startedByReload(WORKERS);
  const jobs = jobConnections(WORKER);
  const each = `${DB_POOL_SIZE} (DB_POOL_SIZE) + ${HEALTH_CONNECTIONS} (/health)${jobs > 0 ? ` + ${jobs} (jobs)` : ''}`;
  const processes = `${WORKERS} (WORKERS) + ${started} (during a reload)`;
  const sum = `(${processes}) × (${each}) + ${MIGRATION_CONNECTIONS} (migrations) = ${connectionDemand(counts).reloading}`;
  return `PostgreSQL grants ${connections} connections (${source}), but the service may open ${sum}. ${remedy(counts, connections)}`;
}

function remedy({ WORKERS, WORKER }: Counts, connections: number): string {
  const perProcess = Math.floor((connections - MIGRATION_CONNECTIONS) / (WORKERS + startedByReload(WORKERS)));
  const poolSize = perProcess - HEALTH_CONNECTIONS - jobConnections(WORKER);
  return poolSize >= 1 ? `Set DB_POOL_SIZE=${poolSize}, or raise the limit.` : 'Set fewer WORKERS, or raise the limit.';
}

/** @throws ConfigurationError if several processes would use the embedded database, which only one process can use */
export function refuseSharedEmbeddedDatabase({ WORKERS }: Pick<Counts, 'WORKERS'>): void {
  if (WORKERS === 1) return;
  throw new ConfigurationError(
    `WORKERS is ${WORKERS}, but no database is configured, and the embedded one serves only one process. Set DATABASE_URL, or WORKERS=1.`,
  );
}

interface Limits {
  pid: number;
  maximum: number;
  reserved: number;
  /** Limits of the role and of the database, negative for none. They do not apply to a superuser. */
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

/** @returns undefined behind a pooler, whose own limits apply, and if the limits cannot be read */
export async function readSupply(settings: DatabaseSettings, logger: Logger): Promise<ConnectionSupply | undefined> {
  const client = shortLivedClient(settings, ATTEMPT_MS);
  try {
    await client.connect();
    const { rows } = await client.query<Limits>(LIMITS);
    const limits = rows[0];
    if (limits && !isPooled(client, limits.pid)) return tightest(limits, settings);
    if (limits)
      logger.info('connections to PostgreSQL go through a pooler; it must allow WORKERS × DB_POOL_SIZE connections');
  } catch (error) {
    logger.warn({ err: error }, 'the connection limits of PostgreSQL could not be read');
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
