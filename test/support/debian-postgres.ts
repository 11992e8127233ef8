import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { chooseServerUser } from '../../src/dev-database/server-user.js';
import { freePort } from './free-port.js';
import { query } from './test-databases.js';

/** Needs quoting in SQL, URLs, shells and .env files. */
const PASSWORD = `pa'ss#$x y`;

/**
 * The distribution's PostgreSQL, with client programs of the same version and with the role and database of
 * deploy/postgres/role.sql. The embedded PostgreSQL has no client programs and is newer than those of distributions.
 */
export class DebianPostgres {
  private constructor(
    private readonly folder: string,
    private readonly child: ChildProcess,
    /** Connects as the service's role, over TCP, with its password. */
    readonly settings: DatabaseSettings,
  ) {
    process.on('exit', this.kill);
  }

  /** The folder of the server and client programs of the newest version; undefined if none is installed. */
  static get programs(): string | undefined {
    const root = '/usr/lib/postgresql';
    const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
    const folders = [...versions.map((version) => join(root, version, 'bin')), '/usr/bin'];
    return folders.find((folder) => ['initdb', 'postgres', 'pg_dump'].every((name) => existsSync(join(folder, name))));
  }

  static async start(): Promise<DebianPostgres> {
    const programs = DebianPostgres.programs ?? '';
    const folder = mkdtempSync(join(tmpdir(), 'debian-postgres-'));
    chmodSync(folder, 0o755);
    const data = join(folder, 'data');
    const account = chooseServerUser(data);
    if (account) chownSync(folder, account.uid, account.gid);
    const as = { uid: account?.uid, gid: account?.gid, cwd: folder };
    const methods = ['--auth-local=trust', '--auth-host=scram-sha-256', '--username=postgres'];
    const options = [...methods, '--encoding=UTF8', '--locale=C', '--no-sync'];
    execFileSync(join(programs, 'initdb'), ['-D', data, ...options], { ...as, stdio: 'ignore' });
    const port = await freePort();
    const flags = ['-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
    const child = spawn(join(programs, 'postgres'), ['-D', data, ...flags], { ...as, stdio: 'ignore' });
    const postgres = new DebianPostgres(folder, child, {
      host: '127.0.0.1',
      port,
      user: 'auth',
      password: PASSWORD,
      database: 'auth',
      sslMode: 'disable',
      certificateAuthority: undefined,
    });
    await postgres.makeRole();
    return postgres;
  }

  /** Runs SQL as the superuser. */
  async administrate<Row extends object>(sql: string): Promise<Row[]> {
    return query<Row>(
      { ...this.settings, host: this.folder, user: 'postgres', password: '', database: 'postgres' },
      sql,
    );
  }

  /** Runs a file of deploy/postgres as the superuser. */
  runFile(file: string, variables: Record<string, string>): void {
    const connection = ['-h', this.folder, '-p', String(this.settings.port), '-U', 'postgres'];
    const env = { PATH: process.env.PATH, ...variables };
    const psql = join(DebianPostgres.programs ?? '', 'psql');
    execFileSync(psql, [...connection, '-X', '-q', '-f', join('deploy', 'postgres', file)], { env });
  }

  async stop(): Promise<void> {
    process.off('exit', this.kill);
    if (this.child.exitCode === null && this.child.kill('SIGINT')) await once(this.child, 'exit');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async makeRole(): Promise<void> {
    while (!(await this.administrate('SELECT 1').then(Boolean, () => false))) {
      if (this.child.exitCode !== null) throw new Error('PostgreSQL exited during its start');
      await sleep(20);
    }
    this.runFile('role.sql', { AUTH_DB_PASSWORD: PASSWORD });
  }

  private readonly kill = () => void this.child.kill('SIGQUIT');
}
