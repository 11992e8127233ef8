import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { findBinaries, prepareBinaries } from '../../src/dev-database/binaries.js';
import { ensureCluster, SUPERUSER } from '../../src/dev-database/cluster.js';
import { locateData } from '../../src/dev-database/data-location.js';
import { ensureDatabase } from '../../src/dev-database/ensure-database.js';
import { clearOrphans } from '../../src/dev-database/orphans.js';
import {
  type Postmaster,
  type PostmasterOptions,
  startPostmaster,
  stopPostmaster,
} from '../../src/dev-database/postmaster.js';
import { openServerLog } from '../../src/dev-database/server-log.js';
import { query } from './test-databases.js';

/** A separate PostgreSQL that a test may stop and restart on the same port. */
export class DedicatedPostgres {
  private frozen: number[] = [];

  private constructor(
    private readonly folder: string,
    private readonly options: PostmasterOptions & { serverLog: ReturnType<typeof openServerLog> },
    private postmaster: Postmaster,
    readonly settings: DatabaseSettings,
  ) {
    process.on('exit', this.kill);
  }

  /** @param settings replace the default, which is fast but not crash-safe */
  static async start(settings: Record<string, string> = { fsync: 'off' }): Promise<DedicatedPostgres> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'own-postgres-')));
    chmodSync(folder, 0o755);
    const location = locateData(join(folder, 'data'), join(folder, 'elsewhere'));
    const { serverUser } = location;
    const binaries = await prepareBinaries(findBinaries(), location.folder, serverUser);
    const cluster = await ensureCluster(location.folder, binaries, serverUser, () => undefined);
    const serverLog = openServerLog(location.folder, serverUser);
    const options = { binaries, dataDirectory: cluster.dataDirectory, serverUser, serverLog, settings };
    const postmaster = await startPostmaster(options);
    const address = { host: '127.0.0.1', port: postmaster.port, user: SUPERUSER, password: cluster.password };
    await ensureDatabase(address, 'app');
    const own = { ...address, database: 'app', sslMode: 'disable' as const, certificateAuthority: undefined };
    return new DedicatedPostgres(folder, options, postmaster, own);
  }

  /** SIGKILL kills the postmaster, after which its backends exit; SIGQUIT is an immediate shutdown. */
  async crash(signal: 'SIGKILL' | 'SIGQUIT'): Promise<void> {
    process.kill(this.postmaster.pid, signal);
    await this.postmaster.gone;
    await clearOrphans(this.options.dataDirectory, this.options.binaries, () => undefined);
  }

  async restart(): Promise<void> {
    this.postmaster = await startPostmaster(this.options, this.settings.port);
  }

  /** Freezes all processes: the kernel still accepts connections, but the server does not respond. */
  async freeze(): Promise<void> {
    const rows = await query<{ pid: number }>(
      this.settings,
      'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
    );
    this.frozen = [this.postmaster.pid, ...rows.map(({ pid }) => pid)];
    for (const pid of this.frozen) process.kill(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.frozen.splice(0)) process.kill(pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    process.off('exit', this.kill);
    this.thaw();
    await stopPostmaster(this.postmaster.pid, this.options.binaries);
    this.options.serverLog.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private readonly kill = () => {
    for (const pid of [...this.frozen, this.postmaster.pid]) process.kill(pid, 'SIGKILL');
  };
}
