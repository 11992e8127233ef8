import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { register, session, signIn } from '../support/accounts.js';
import { DebianPostgres } from '../support/debian-postgres.js';
import { send } from '../support/http-client.js';
import { describeIf } from '../support/programs.js';
import { ServiceBuild, type ServiceProcess } from '../support/service-process.js';
import { TEST_SECRET } from '../support/test-app.js';
import { query } from '../support/test-databases.js';
import { until } from '../support/until.js';

interface Run {
  code: number;
  output: string;
}

/** One checksum per table, over all rows. */
async function checksums(client: Pick<pg.Client, 'query'>): Promise<Record<string, string>> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  );
  const sums: Record<string, string> = {};
  for (const { name } of tables) {
    const sql = `SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) AS sum FROM ${name} t`;
    sums[name] = (await client.query<{ sum: string }>(sql)).rows[0]?.sum ?? '';
  }
  return sums;
}

async function checksumsOf(database: DatabaseSettings): Promise<Record<string, string>> {
  const client = new pg.Client({ ...database });
  await client.connect();
  try {
    return await checksums(client);
  } finally {
    await client.end();
  }
}

// Every step starts programs, which takes seconds on a busy machine.
jest.setTimeout(120_000);

const describeWithPostgres = describeIf(
  DebianPostgres.programs !== undefined,
  'the server or a client program of PostgreSQL is not installed (Debian: apt-get install postgresql)',
);
if (!DebianPostgres.programs) {
  process.stderr.write(
    '\nSKIPPED backup and restore: no PostgreSQL server installed (Debian: apt-get install postgresql)\n',
  );
}

describeWithPostgres('deploy/backup.sh and deploy/restore.sh', () => {
  let build: ServiceBuild;
  let source: DebianPostgres;
  let elsewhere: DebianPostgres;
  let folder: string;
  let service: ServiceProcess | undefined;

  /** Writes a settings file. @returns its path, relative to the folder of the service */
  function settingsFile(database: DatabaseSettings, more = ''): string {
    const file = `${database.port}.env`;
    const password = database.password?.replaceAll("'", "\\'");
    writeFileSync(
      join(build.folder, file),
      `SECRET_KEY=${TEST_SECRET}\nPGHOST=${database.host}\nPOSTGRES_PORT=${database.port}\nPGDATABASE=${database.database}\n` +
        `PGUSER=${database.user}\nPGPASSWORD='${password}'\nPGSSLMODE=disable\nBACKUP_DIR=${backups()}\n` +
        `RATE_LIMIT=off\nBCRYPT_ROUNDS=10\n${more}`,
    );
    return file;
  }

  const backups = (): string => join(folder, 'backups');
  const dumps = (): string[] => readdirSync(backups()).filter((name) => name.endsWith('.dump'));

  async function run(script: string, database: DatabaseSettings, ...parameters: string[]): Promise<Run> {
    const env = { PATH: `${DebianPostgres.programs}:${process.env.PATH}`, ENV_FILE: settingsFile(database) };
    const child = spawn(join(build.folder, 'deploy', script), parameters, { env, cwd: folder });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number]>,
    ]);
    return { code, output: stdout + stderr };
  }

  async function startOn(database: DatabaseSettings): Promise<string> {
    service = build.start({ ENV_FILE: settingsFile(database) });
    return service.ready();
  }

  async function backedUp(...parameters: string[]): Promise<string> {
    const { code, output } = await run('backup.sh', source.settings, ...parameters);
    expect([code, output]).toEqual([0, expect.stringMatching(/^backup\.sh: wrote .*\.dump, \d+ bytes, verified\n$/)]);
    return /wrote (.*\.dump),/.exec(output)?.[1] ?? '';
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'backup-'));
    [build, source, elsewhere] = [
      await ServiceBuild.make(),
      await DebianPostgres.start(),
      await DebianPostgres.start(),
    ];
    cpSync('deploy', join(build.folder, 'deploy'), { recursive: true });
  });
  afterEach(async () => {
    await service?.stop();
    service = undefined;
  });
  afterAll(async () => {
    await source.stop();
    await elsewhere.stop();
    build.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Adds and changes rows until `stop` is called, a few hundred per second: later tests read all of them. */
  function keepWriting(): { written: () => number; stop: () => Promise<void> } {
    let count = 0;
    const over = new AbortController();
    const one = async (writer: number): Promise<void> => {
      const client = new pg.Client({ ...source.settings });
      await client.connect();
      for (; !over.signal.aborted; count += 1) {
        const values = [`writer${writer}x${count}`, `writer${writer}x${count}@example.com`];
        await client.query(`INSERT INTO users (username, email, hashed_password) VALUES ($1, $2, 'none')`, values);
        await client.query('UPDATE users SET is_active = NOT is_active WHERE username LIKE $1', [`writer${writer}x%5`]);
        await sleep(5);
      }
      await client.end();
    };
    const all = Promise.all([one(1), one(2)]);
    return {
      written: () => count,
      stop: async () => {
        over.abort();
        await all;
      },
    };
  }

  it('restore a consistent snapshot of a busy database to another server, where the service then runs', async () => {
    const known = await register(await startOn(source.settings));
    const load = keepWriting();
    await until(() => load.written() > 100);
    const observer = new pg.Client({ ...source.settings });
    await observer.connect();
    await observer.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const { rows } = await observer.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
    const before = await checksums(observer);
    const file = await backedUp('--', `--snapshot=${rows[0]?.id}`);
    await observer.end();
    await load.stop();
    expect(await checksumsOf(source.settings)).not.toEqual(before);

    const { code, output } = await run('restore.sh', elsewhere.settings, file);
    expect([code, output]).toEqual([0, expect.stringContaining('accounts, and creation time of the newest: ')]);
    expect(await checksumsOf(elsewhere.settings)).toEqual(before);

    await service?.stop();
    const restored = await startOn(elsewhere.settings);
    const token = await signIn(restored, known);
    expect((await send(restored, '/api/v1/users/me', { token })).body).toMatchObject({ username: known.username });
    await register(restored);
    expect(service?.output).toContain('the database is up to date');
  });

  it('revoke all sessions and links on restore, and report it', async () => {
    const base = await startOn(source.settings);
    const account = await register(base, { email: 'restored@example.com' });
    const [ended, live] = [await session(base, account), await session(base, account)];
    const [used, unused] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
    for (const [token, purpose] of [
      [used, 'email_verification'],
      [unused, 'email_verification'],
      ['-', 'former_address'],
    ] as const) {
      await query(
        source.settings,
        `INSERT INTO one_time_tokens (id, user_id, purpose, email, token_hash, expires_at)
         VALUES (gen_random_uuid(), $1, $2, 'restored@example.com', sha256($3::bytea), now() + interval '1 day')`,
        [account.id, purpose, token],
      );
    }
    await query(
      source.settings,
      `INSERT INTO deletion_notices (id, username, email) VALUES (gen_random_uuid(), 'gone', 'gone@example.com')`,
    );
    const later = `'{"userId": ${account.id}}'::json, run_at := now() + interval '1 day'`;
    for (const name of ['link.send', 'mail.send'])
      await query(source.settings, `SELECT graphile_worker.add_job('${name}', ${later})`);
    const file = await backedUp();
    await send(base, '/api/v1/auth/logout', { method: 'POST', token: ended.access_token });
    expect((await send(base, '/api/v1/auth/verify-email', { body: { token: used } })).status).toBe(204);
    await service?.stop();

    const { code, output } = await run('restore.sh', source.settings, '--force', file);
    expect([code, output]).toEqual([0, expect.stringContaining('revoked all sessions and links')]);
    const sql = 'SELECT DISTINCT end_reason FROM sessions WHERE user_id = $1';
    expect(await query(source.settings, sql, [account.id])).toEqual([{ end_reason: 'restored' }]);
    expect(await query(source.settings, 'SELECT purpose FROM one_time_tokens')).toEqual([
      { purpose: 'former_address' },
    ]);
    expect(await query(source.settings, 'SELECT FROM deletion_notices')).toEqual([]);
    const waiting = `SELECT task_identifier AS name FROM graphile_worker.jobs WHERE run_at > now() + interval '1 hour'`;
    expect(await query(source.settings, waiting)).toEqual([{ name: 'mail.send' }]);
    await query(source.settings, `DELETE FROM graphile_worker._private_jobs`);

    const restored = await startOn(source.settings);
    for (const { access_token, refresh_token } of [ended, live]) {
      expect((await send(restored, '/api/v1/users/me', { token: access_token })).status).toBe(401);
      expect((await send(restored, '/api/v1/auth/refresh', { body: { refresh_token } })).status).toBe(401);
    }
    for (const token of [used, unused]) {
      expect((await send(restored, '/api/v1/auth/verify-email', { body: { token } })).status).toBe(400);
    }
    const token = await signIn(restored, account);
    expect((await send(restored, '/api/v1/users/me', { token })).status).toBe(200);
    // Other tests compare the restored data with the backup.
    expect((await send(restored, '/api/v1/auth/logout', { method: 'POST', token })).status).toBe(204);
  });

  it('make the backups readable only for their owner', async () => {
    const file = await backedUp();
    expect([statSync(file).mode & 0o777, statSync(`${file}.sha256`).mode & 0o777]).toEqual([0o600, 0o600]);
    expect(statSync(backups()).mode & 0o777).toBe(0o700);
    expect(readFileSync(`${file}.sha256`, 'utf8')).toMatch(/^[0-9a-f]{64} {2}auth-\d{8}T\d{6}Z\.dump\n$/);
  });

  it('keep the newest --keep backups', async () => {
    for (const day of ['01', '02', '03']) {
      for (const end of ['dump', 'dump.sha256']) writeFileSync(join(backups(), `auth-202001${day}T000000Z.${end}`), '');
    }
    writeFileSync(join(backups(), 'other-20200101T000000Z.dump'), '');
    const [newest] = dumps().toSorted().toReversed().slice(1);
    await until(async () => (await run('backup.sh', source.settings, '--keep', '2')).code === 0);
    expect(dumps()).toEqual([
      expect.stringMatching(/^auth-/),
      expect.stringMatching(/^auth-/),
      'other-20200101T000000Z.dump',
    ]);
    expect([dumps().includes(newest ?? ''), readdirSync(backups()).length]).toEqual([true, 5]);
  });

  it('leave no partial files and keep older backups if pg_dump fails', async () => {
    const before = readdirSync(backups());
    const away = { ...source.settings, database: 'nowhere' };
    const { code, output } = await run('backup.sh', away);
    expect([code, output]).toEqual([1, expect.stringContaining('pg_dump failed')]);
    expect(readdirSync(backups())).toEqual(before);
  });

  it('name invalid settings and exit with 78', async () => {
    settingsFile(source.settings);
    const { code, output } = await run('backup.sh', { ...source.settings, host: '' });
    expect([code, output]).toEqual([78, expect.stringContaining('DATABASE_URL and PGHOST are not set')]);
  });

  it('restore into a non-empty database only with --force and without open connections', async () => {
    const base = await startOn(source.settings);
    const before = await checksumsOf(source.settings);
    const file = await backedUp();
    await register(base);
    const changed = await checksumsOf(source.settings);
    expect(await run('restore.sh', source.settings, file)).toMatchObject({
      code: 1,
      output: expect.stringContaining('is not empty'),
    });
    expect(await run('restore.sh', source.settings, '--force', file)).toMatchObject({
      code: 1,
      output: expect.stringContaining('stop the service first'),
    });
    expect(await checksumsOf(source.settings)).toEqual(changed);
    await service?.stop();
    await query(source.settings, 'CREATE SCHEMA later; CREATE TABLE later.things (id int); CREATE TABLE more (id int)');
    expect(await run('restore.sh', source.settings, '--force', file)).toMatchObject({ code: 0 });
    expect(await checksumsOf(source.settings)).toEqual(before);
    await register(await startOn(source.settings));
  });

  it('refuse a damaged or truncated file without changes', async () => {
    const file = await backedUp();
    const before = await checksumsOf(source.settings);
    const bytes = readFileSync(file);
    for (const [damage, complaint] of [
      [(copy: Buffer) => copy.fill(0x55, copy.length - 200, copy.length - 100), 'its checksum differs'],
      [(copy: Buffer) => copy.subarray(0, copy.length - 400), 'damaged or not a backup'],
      [() => Buffer.from('PGDMP'), 'damaged or not a backup'],
    ] as const) {
      const copy = join(folder, 'copy.dump');
      writeFileSync(copy, damage(Buffer.from(bytes)));
      const checksum = readFileSync(`${file}.sha256`, 'utf8').replace(/ {2}.*/, '  copy.dump');
      if (complaint.startsWith('its')) writeFileSync(`${copy}.sha256`, checksum);
      else rmSync(`${copy}.sha256`, { force: true });
      const { code, output } = await run('restore.sh', source.settings, '--force', copy);
      expect([code, output]).toEqual([1, expect.stringContaining(complaint)]);
    }
    expect(await checksumsOf(source.settings)).toEqual(before);
  });

  const CALLABLE_BY_ALL = `SELECT proname FROM pg_proc WHERE prosecdef AND proname LIKE 'audit%'
    AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0)`;

  it('grant PUBLIC no SECURITY DEFINER functions on restore', async () => {
    await register(await startOn(source.settings));
    await service?.stop();
    const file = await backedUp();
    await source.administrate('CREATE DATABASE beside OWNER auth TEMPLATE template0');
    expect(await run('restore.sh', source.settings, '--database', 'beside', file)).toMatchObject({ code: 0 });
    expect(await query({ ...source.settings, database: 'beside' }, CALLABLE_BY_ALL)).toEqual([]);
  });

  it('back up as a role that owns nothing, and restore as the owner (strict.sql)', async () => {
    await register(await startOn(source.settings));
    await service?.stop();
    const owner = { ...source.settings, user: 'auth_owner', password: 'owns' };
    source.runFile('strict.sql', { AUTH_OWNER_PASSWORD: 'owns' });
    await query(owner, `SELECT audit_make_month((now() + interval '9 months')::date)`);
    const before = await checksumsOf(source.settings);
    const file = await backedUp();
    await source.administrate('CREATE DATABASE strict OWNER auth_owner TEMPLATE template0');
    expect(await run('restore.sh', owner, '--database', 'strict', file)).toMatchObject({ code: 0 });
    source.runFile('strict.sql', { AUTH_DATABASE: 'strict' });
    const restored = { ...source.settings, database: 'strict' };
    expect(await checksumsOf(restored)).toEqual(before);
    await register(await startOn(restored));
    await expect(query(restored, 'ALTER TABLE users ADD mine TEXT')).rejects.toThrow('must be owner');
  });
});
