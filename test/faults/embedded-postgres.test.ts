import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { executable, findBinaries, prepareBinaries } from '../../src/platform/database/embedded/binaries.js';
import { EmbeddedPostgresError } from '../../src/platform/database/embedded/embedded-postgres-error.js';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/platform/database/embedded/embedded-postgres.js';
import { readPidFile, startPostmaster, stopPostmaster } from '../../src/platform/database/embedded/postmaster.js';
import { isRunning } from '../../src/platform/database/embedded/process-identity.js';
import { openServerLog } from '../../src/platform/database/embedded/server-log.js';
import { run } from '../../src/platform/database/embedded/server-process.js';
import { chooseServerUser, firstClosedFolder } from '../../src/platform/database/embedded/server-user.js';
import { buildProgram, ProgramRun } from './embedded-postgres-program.js';

jest.setTimeout(30_000);

const place = realpathSync(mkdtempSync(join(tmpdir(), 'embedded-postgres-')));
chmodSync(place, 0o755);
const program = join(place, 'program');
const elsewhere = join(place, 'elsewhere');
const settings = { fsync: 'off' };
const isRoot = process.getuid?.() === 0;
const stranger = { name: 'nobody', uid: 65534, gid: 65534 };

const dataDir = join(place, 'data');
const folder = join(dataDir, 'postgres');
const cluster = join(folder, 'cluster');
const lines: string[] = [];
const options = { dataDir, database: 'app', settings, elsewhere };
const start = (other: object = {}) => startEmbeddedPostgres({ ...options, log: (line) => lines.push(line), ...other });
const runProgram = (other: object = {}, account?: { uid: number; gid: number }) =>
  new ProgramRun(program, { ...options, ...other }, account);
const postmasterPid = (dataDirectory = cluster) => readPidFile(dataDirectory)?.pid ?? 0;

type Address = Partial<Pick<EmbeddedPostgres, 'port' | 'user' | 'password' | 'database'>> & { host?: string };

async function query(server: Address, sql: string): Promise<unknown[]> {
  const { host, port, user, password, database } = server;
  const client = new Client({ host, port, user, password, database });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
  await client.end();
  return rows.flat();
}

const answers = (server: Address) =>
  query(server, 'SELECT 1').then(
    () => true,
    () => false,
  );

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(20);
}

beforeAll(async () => {
  buildProgram(program);
  const server = await start();
  await query(server, "CREATE TABLE kept AS SELECT 'from the first start' AS note");
  await server.stop();
});
beforeEach(() => lines.splice(0));
afterAll(() => rmSync(place, { recursive: true, force: true }));

describe('the embedded PostgreSQL', () => {
  it('keeps its data from start to start, in UTF-8 and UTC, with the collations of ICU', async () => {
    const server = await start();
    expect(await query(server, 'SELECT note FROM kept')).toEqual(['from the first start']);
    expect(
      await query(
        server,
        "SELECT current_setting('server_encoding'), current_setting('timezone'), current_setting('fsync')",
      ),
    ).toEqual(['UTF8', 'UTC', 'off']);
    expect(await query(server, `SELECT lower('ÄÖ' COLLATE "und-x-icu")`)).toEqual(['äö']);
    await server.stop();
    await server.stop();
    await expect(query(server, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(lines).toEqual([]);
  });

  it('listens on loopback alone, and to the password alone, which only its owner may read', async () => {
    const server = await start();
    expect(
      await query(server, "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories')"),
    ).toEqual(['127.0.0.1', '']);
    expect(await query(server, 'SELECT DISTINCT auth_method FROM pg_hba_file_rules')).toEqual(['scram-sha-256']);
    await expect(query({ ...server, password: 'guess' }, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect(readFileSync(join(folder, 'password'), 'utf8')).toBe(server.password);
    expect(statSync(join(folder, 'password')).mode & 0o777).toBe(0o600);
    await server.stop();
  });

  it('comes back on the same port when the server is killed', async () => {
    const server = await start();
    const killed = postmasterPid();
    process.kill(killed, 'SIGKILL');
    await until(() => answers(server));
    expect(postmasterPid()).not.toBe(killed);
    expect(await query(server, 'SELECT note FROM kept')).toEqual(['from the first start']);
    await until(() => lines.length === 2);
    expect(lines.join('\n')).toMatch(/ended unexpectedly[^]*runs again/);
    await server.stop();
  });

  it('refuses a second service while the first lives, and says who holds the data and what to do', async () => {
    const server = await start();
    const { name, error } = await runProgram().said('error');
    expect(name).toBe('EmbeddedPostgresError');
    expect(error).toMatch(
      new RegExp(`held by process ${process.pid} since .*\\nStop that process, set another DATA_DIR, .*DATABASE_URL`),
    );
    expect(await query(server, 'SELECT 1')).toEqual([1]);
    await server.stop();
  });

  it('takes over from a service that was killed, whose server lives on', async () => {
    const first = runProgram();
    await first.said('port');
    await first.kill('SIGKILL');
    const orphan = postmasterPid();
    expect(isRunning(orphan)).toBe(true);
    const server = await start();
    expect(isRunning(orphan)).toBe(false);
    expect(lines).toEqual([expect.stringContaining(`left behind (process ${orphan})`)]);
    expect(await query(server, 'SELECT note FROM kept')).toEqual(['from the first start']);
    await server.stop();
  });

  it('starts again when service and server were killed in the middle of a write', async () => {
    const first = runProgram();
    const address = await first.said('port');
    await query(address, 'CREATE TABLE written (i int)');
    // Busy for seconds, without a moment in which it would notice that its postmaster is gone.
    const write = query(address, 'INSERT INTO written SELECT count(*) FROM generate_series(1, 20000000)').catch(
      () => 'cut off',
    );
    await sleep(100);
    process.kill(postmasterPid(), 'SIGKILL');
    await first.kill('SIGKILL');
    const server = await start();
    expect(await write).toBe('cut off');
    expect(await query(server, 'SELECT count(*)::int FROM written')).toEqual([0]);
    await server.stop();
  });

  it('is not fooled by a postmaster.pid whose number belongs to another process now', async () => {
    writeFileSync(join(cluster, 'postmaster.pid'), `${process.pid}\n${cluster}\n1\n1\n\n127.0.0.1\n 1 1\nready\n`);
    const server = await start();
    expect(await query(server, 'SELECT 1')).toEqual([1]);
    await server.stop();
  });

  it('stops when the service exits without stopping it', async () => {
    const first = runProgram();
    await first.said('port');
    const pid = postmasterPid();
    await first.kill('SIGHUP');
    await until(() => !isRunning(pid));
    expect(readFileSync(join(folder, 'server.log'), 'utf8').trim()).toMatch(/database system is shut down$/);
  });

  it('outlives Ctrl-C, which the service answers with its own drain, and stops with it', async () => {
    const first = runProgram();
    const address = await first.said('port');
    first.interruptGroup();
    await first.said('interrupted');
    expect(await query(address, 'SELECT 1')).toEqual([1]);
    const pid = postmasterPid();
    await first.kill('SIGTERM');
    expect(isRunning(pid)).toBe(false);
  });

  it('lets one of several services that start at once on an empty folder win', async () => {
    const empty = join(place, 'raced');
    const runs = Array.from({ length: 4 }, () => runProgram({ dataDir: empty }));
    const outcomes = await Promise.all(runs.map((one) => one.said('port', 'error')));
    const winner = runs.find((_, index) => outcomes[index]?.port);
    expect(outcomes.filter(({ port }) => port)).toHaveLength(1);
    expect(outcomes.filter(({ error }) => error?.includes(`held by process ${winner?.pid} `))).toHaveLength(3);
    await winner?.kill('SIGTERM');
  });

  it('tries again while its port is taken', async () => {
    const squatter = createServer();
    await new Promise<void>((listening) => squatter.listen(0, '127.0.0.1', listening));
    const { port } = squatter.address() as { port: number };
    const serverUser = chooseServerUser(cluster);
    const serverLog = openServerLog(folder, serverUser);
    const binaries = findBinaries();
    const starting = startPostmaster(
      {
        binaries: await prepareBinaries(binaries, folder, serverUser),
        dataDirectory: cluster,
        serverUser,
        serverLog,
        settings,
      },
      port,
    );
    await until(() => readFileSync(serverLog.file, 'utf8').includes('could not bind'));
    squatter.close();
    const postmaster = await starting;
    expect(postmaster.port).toBe(port);
    await stopPostmaster(postmaster.pid, binaries);
    serverLog.close();
  });
});

describe('a start that cannot succeed', () => {
  const refusal = async (other: object = {}) => {
    const error: unknown = await start(other).then(
      () => 'started',
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(EmbeddedPostgresError);
    return (error as Error).message;
  };

  it("shows the end of the server's log, and leaves the folder free", async () => {
    expect(await refusal({ settings: { shared_buffers: 'lots' } })).toMatch(
      /server\.log:\n.*invalid value for parameter "shared_buffers"/,
    );
    await (await start()).stop();
  });

  it('names the version of data it cannot read', async () => {
    const dir = join(place, 'old');
    mkdirSync(join(dir, 'postgres', 'cluster'), { recursive: true });
    expect(await refusal({ dataDir: dir })).toContain('is not a PostgreSQL data directory');
    writeFileSync(join(dir, 'postgres', 'cluster', 'PG_VERSION'), '9.6\n');
    expect(await refusal({ dataDir: dir })).toMatch(
      /written by PostgreSQL 9\.6, the installed binaries are PostgreSQL \d+\.\n.*DATABASE_URL/,
    );
  });

  it('says that the password is lost, or wrong', async () => {
    const file = join(folder, 'password');
    const password = readFileSync(file);
    writeFileSync(file, 'another');
    expect(await refusal()).toMatch(/refuses the password.*\n.*DATA_DIR/);
    rmSync(file);
    expect(await refusal()).toMatch(/password .* cannot be read \(ENOENT.*\n.*DATA_DIR/);
    writeFileSync(file, password, { mode: 0o600 });
    await (await start()).stop();
  });

  it('says that the data folder cannot be written', async () => {
    writeFileSync(join(place, 'a-file'), '');
    expect(await refusal({ dataDir: join(place, 'a-file', 'data') })).toMatch(
      /^The data folder .*a-file\/data cannot be written .*\n.*DATABASE_URL/,
    );
  });
});

describe('an account that may not enter everything', () => {
  const ifRoot = isRoot ? it : it.skip;
  const ifRootAndCheckoutIsOpen =
    isRoot && firstClosedFolder(resolve('node_modules'), stranger) === undefined ? it : it.skip;

  ifRoot('gets data and binaries elsewhere when root starts the service under a closed folder', async () => {
    const closed = join(place, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const server = await start({ dataDir: join(closed, 'data') });
    const moved = readFileSync(join(closed, 'data', 'postgres.location'), 'utf8').trim();
    expect(lines[0]).toBe(
      `The database is kept in ${moved}: user "${chooseServerUser('')?.name}", whom PostgreSQL runs as, may not enter ${closed}.`,
    );
    expect(await query(server, "SELECT current_setting('data_directory')")).toEqual([join(moved, 'cluster')]);
    await server.stop();
  });

  it('can run the copy of binaries it cannot run in place', async () => {
    const installed = findBinaries();
    const sealed = join(place, 'sealed');
    cpSync(installed.root, join(sealed, 'native'), {
      recursive: true,
      filter: (path) => !/\.so(\.\d+)?$/.test(path) || !/\/lib\/lib(pq|icu)/.test(path),
    });
    const target = join(place, 'copied');
    mkdirSync(target);
    for (const path of [join(sealed, 'native', 'bin'), join(sealed, 'native', 'lib')]) chmodSync(path, 0o500);
    chmodSync(sealed, isRoot ? 0o700 : 0o500);
    const user = chooseServerUser('');
    const copy = await prepareBinaries({ ...installed, root: join(sealed, 'native') }, target, user);
    expect(copy.root.startsWith(target)).toBe(true);
    for (const name of ['initdb', 'postgres'] as const) {
      expect(await run(executable(copy, name), ['--version'], user)).toMatchObject({
        code: 0,
        output: expect.stringContaining('PostgreSQL'),
      });
    }
    for (const path of [sealed, join(sealed, 'native', 'bin'), join(sealed, 'native', 'lib')]) chmodSync(path, 0o755);
  });

  ifRootAndCheckoutIsOpen('starts it as an ordinary user, and root goes on with that user’s data', async () => {
    const home = join(place, 'home');
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, stranger.uid, stranger.gid);
    const theirs = runProgram({ dataDir: join(home, 'data') }, stranger);
    await query(await theirs.said('port'), 'CREATE TABLE theirs AS SELECT 1 AS i');
    await theirs.kill('SIGTERM');
    const server = await start({ dataDir: join(home, 'data') });
    expect(await query(server, 'SELECT i FROM theirs')).toEqual([1]);
    await server.stop();
    const again = runProgram({ dataDir: join(home, 'data') }, stranger);
    expect(await query(await again.said('port', 'error'), 'SELECT i FROM theirs')).toEqual([1]);
    await again.kill('SIGTERM');
    expect(readdirSync(home)).toEqual(['data']);
  });

  ifRootAndCheckoutIsOpen('is told that it cannot use the data of another user', async () => {
    const { error } = await runProgram({}, stranger).said('error');
    expect(error).toMatch(/^The data folder .* cannot be written \(EACCES.*\n.*DATA_DIR/);
  });
});
