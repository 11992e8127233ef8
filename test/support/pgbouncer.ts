import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { chooseServerUser } from '../../src/dev-database/server-user.js';
import { freePort } from './free-port.js';
import { findProgram } from './programs.js';
import { query } from './test-databases.js';

export interface PgBouncerOptions {
  mode: 'session' | 'transaction';
  /** Server connections for each role and database. */
  poolSize?: number;
}

/** The configuration from docs/operations/postgresql.md, with some values replaced. */
function documented(replacements: Record<string, string>): string {
  const [, text = ''] =
    /```ini\n(; \/etc\/pgbouncer[^]*?)```/.exec(readFileSync('docs/operations/postgresql.md', 'utf8')) ?? [];
  return Object.entries(replacements).reduce((configuration, [from, to]) => {
    if (!configuration.includes(from)) throw new Error(`docs/operations/postgresql.md lacks ${from}`);
    return configuration.replace(from, () => to);
  }, text);
}

/** The distribution's PgBouncer in front of a database, configured as in docs/operations/postgresql.md. */
export class PgBouncer {
  private constructor(
    private readonly folder: string,
    private readonly child: ChildProcess,
    /** The database through the pooler. */
    readonly settings: DatabaseSettings,
  ) {
    process.on('exit', this.kill);
  }

  static async start(target: DatabaseSettings, { mode, poolSize = 60 }: PgBouncerOptions): Promise<PgBouncer> {
    const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'));
    chmodSync(folder, 0o755);
    const port = await freePort();
    const { host, port: targetPort, database, user, password = '' } = target;
    const configuration = documented({
      'auth = host=127.0.0.1 port=5432': `${database} = host=${host} port=${targetPort}`,
      'listen_port = 6432': `listen_port = ${port}\nunix_socket_dir =`,
      '/etc/pgbouncer/userlist.txt': join(folder, 'userlist.txt'),
      'pool_mode = session': `pool_mode = ${mode}`,
      'default_pool_size = 60': `default_pool_size = ${poolSize}`,
    });
    writeFileSync(join(folder, 'pgbouncer.ini'), configuration);
    writeFileSync(join(folder, 'userlist.txt'), `"${user}" "${password.replaceAll('"', '""')}"\n`);
    // PgBouncer refuses to run as root.
    const account = chooseServerUser(folder);
    if (account) chownSync(folder, account.uid, account.gid);
    const as = { uid: account?.uid, gid: account?.gid, cwd: folder };
    const program = findProgram('pgbouncer') ?? 'pgbouncer';
    const child = spawn(program, ['-q', join(folder, 'pgbouncer.ini')], { ...as, stdio: 'ignore' });
    const pooler = new PgBouncer(folder, child, { ...target, host: '127.0.0.1', port });
    while (!(await query(pooler.settings, 'SELECT 1').then(Boolean, () => false))) {
      if (child.exitCode !== null) throw new Error('PgBouncer exited during its start');
      await sleep(20);
    }
    return pooler;
  }

  async stop(): Promise<void> {
    process.off('exit', this.kill);
    if (this.child.exitCode === null && this.child.kill('SIGTERM')) await once(this.child, 'exit');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private readonly kill = () => void this.child.kill('SIGKILL');
}
