import { findBinaries, prepareBinaries, type Binaries } from './binaries.js';
import { ensureCluster, SUPERUSER } from './cluster.js';
import { locateData, type DataLocation } from './data-location.js';
import { explainUnwritable } from './embedded-postgres-error.js';
import { ensureDatabase } from './ensure-database.js';
import { acquireOwnerLock, type OwnerLock } from './owner-lock.js';
import { clearOrphans } from './orphans.js';
import { openServerLog } from './server-log.js';
import { ServerSupervisor } from './server-supervisor.js';

export interface EmbeddedPostgresOptions {
  /** Absolute path. Created if absent. The server's files are in its subfolder `postgres/`. */
  dataDir: string;
  /** Created if absent, in UTF8. */
  database: string;
  /** Settings of postgresql.conf by name, such as `{ fsync: 'off' }` for tests, except port, address and socket. */
  settings?: Readonly<Record<string, string>>;
  /** Absolute path of the data if root starts the service and the server's user may not enter `dataDir`. */
  elsewhere?: string;
  /** Receives messages for the operator, one sentence per call. */
  log: (line: string) => void;
}

export interface EmbeddedPostgres {
  host: '127.0.0.1';
  /** A free port, chosen at each start and kept when the server restarts after a crash. */
  port: number;
  /** A superuser. */
  user: string;
  password: string;
  database: string;
  /** Stops the server with a fast shutdown. May be called repeatedly. */
  stop(): Promise<void>;
}

const ELSEWHERE = '/var/lib/nest-auth-backend';

/** Errors of statements go only to the client. The server's log has LOG, FATAL and PANIC. */
const SETTINGS = { timezone: 'UTC', log_timezone: 'UTC', log_min_messages: 'log', log_checkpoints: 'off' };

/**
 * Starts a PostgreSQL server for this process from the binaries of the optional dependency `embedded-postgres`, and
 * restarts it after a crash. The server stops with `stop()` or when the process exits. Its data survives if either is
 * killed.
 *
 * @throws EmbeddedPostgresError with the cause and a remedy
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  let lock: OwnerLock | undefined;
  try {
    const installed = findBinaries();
    const location = locateData(options.dataDir, options.elsewhere ?? ELSEWHERE);
    if (location.movedBecause) options.log(`The database is in ${location.folder}: ${location.movedBecause}.`);
    lock = await acquireOwnerLock(location.folder);
    return await startOwned(options, location, installed, lock);
  } catch (error) {
    lock?.release();
    throw explainUnwritable(error, options.dataDir);
  }
}

async function startOwned(
  { database, settings, log }: EmbeddedPostgresOptions,
  { folder, serverUser }: DataLocation,
  installed: Binaries,
  lock: OwnerLock,
): Promise<EmbeddedPostgres> {
  const binaries = await prepareBinaries(installed, folder, serverUser);
  const { dataDirectory, password } = await ensureCluster(folder, binaries, serverUser, log);
  await clearOrphans(dataDirectory, binaries, log);

  const serverLog = openServerLog(folder, serverUser);
  const shutDown = async (supervisor?: ServerSupervisor) => {
    await supervisor?.stop();
    serverLog.close();
    lock.release();
  };
  let supervisor: ServerSupervisor | undefined;
  try {
    const postmaster = { binaries, dataDirectory, serverUser, serverLog, settings: { ...SETTINGS, ...settings } };
    supervisor = await ServerSupervisor.start(postmaster, log);
    const server = { host: '127.0.0.1', port: supervisor.port, user: SUPERUSER, password } as const;
    await ensureDatabase(server, database);
    let stopped: Promise<void> | undefined;
    return { ...server, database, stop: () => (stopped ??= shutDown(supervisor)) };
  } catch (error) {
    await shutDown(supervisor);
    throw error;
  }
}
