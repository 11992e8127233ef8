import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findBinaries, prepareBinaries } from '../../src/dev-database/binaries.js';
import type { EmbeddedPostgres } from '../../src/dev-database/embedded-postgres.js';
import { readPidFile, startPostmaster, stopPostmaster } from '../../src/dev-database/postmaster.js';
import { isRunning } from '../../src/platform/processes/process-identity.js';
import { openServerLog } from '../../src/dev-database/server-log.js';
import { spawnServerProgram } from '../../src/dev-database/server-process.js';
import { chooseServerUser } from '../../src/dev-database/server-user.js';
import {
  cluster,
  folder,
  lines,
  place,
  query,
  runProgram,
  settings,
  start,
  until,
  useFixture,
} from './embedded-postgres-fixture.js';

useFixture();

const postmasterPid = () => readPidFile(cluster)?.pid ?? 0;

const answers = (server: EmbeddedPostgres) =>
  query(server, 'SELECT 1').then(
    () => true,
    () => false,
  );

const serverLogLines = (pattern: RegExp) =>
  readFileSync(join(folder, 'server.log'), 'utf8')
    .split('\n')
    .filter((line) => pattern.test(line));

describe('the embedded PostgreSQL', () => {
  it('keeps its data between starts, in UTF-8 and UTC, with ICU collations', async () => {
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

  it('listens only on loopback and requires a password, which only its owner may read', async () => {
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

  it('restarts on the same port if the server is killed', async () => {
    const server = await start();
    const killed = postmasterPid();
    process.kill(killed, 'SIGKILL');
    await until(() => answers(server));
    expect(postmasterPid()).not.toBe(killed);
    expect(await query(server, 'SELECT note FROM kept')).toEqual(['from the first start']);
    await until(() => lines.length === 2);
    expect(lines.join('\n')).toMatch(/stopped unexpectedly[^]*is running again/);
    await server.stop();
  });

  it('refuses a second service on the same data, names the first one and gives advice', async () => {
    const server = await start();
    const { name, error } = await runProgram().said('error');
    expect(name).toBe('EmbeddedPostgresError');
    expect(error).toMatch(
      new RegExp(`in use by process ${process.pid} since .*\\nStop that process, set another DATA_DIR, .*DATABASE_URL`),
    );
    expect(await query(server, 'SELECT 1')).toEqual([1]);
    await server.stop();
  });

  it('replaces the server that a killed service left running', async () => {
    const first = runProgram();
    await first.said('port');
    await first.kill('SIGKILL');
    const orphan = postmasterPid();
    expect(isRunning(orphan)).toBe(true);
    const server = await start();
    expect(isRunning(orphan)).toBe(false);
    expect(lines).toEqual([expect.stringContaining(`left behind (process ${orphan})`)]);
    expect(await query(server, 'SELECT note FROM kept')).toEqual(['from the first start']);
    expect(serverLogLines(/database system was/).at(-1)).toContain('was shut down at');
    await server.stop();
  });

  it('recovers after service and server were killed during a write', async () => {
    const first = runProgram();
    const address = await first.said('port');
    await query(address, 'CREATE TABLE written (i int)');
    // A statement of several seconds, during which the backend does not notice that its postmaster is gone.
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

  it('ignores a postmaster.pid whose id now belongs to another process', async () => {
    const other = spawnServerProgram('/bin/sleep', ['60'], chooseServerUser(cluster), 'ignore');
    writeFileSync(join(cluster, 'postmaster.pid'), `${other.pid}\n${cluster}\n1\n1\n\n127.0.0.1\n 1 1\nready\n`);
    const server = await start();
    expect(await query(server, 'SELECT 1')).toEqual([1]);
    expect(isRunning(other.pid ?? 0)).toBe(true);
    other.kill('SIGKILL');
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

  it('survives Ctrl-C, so that the service can drain, and stops with the service', async () => {
    const first = runProgram();
    const address = await first.said('port');
    first.interruptGroup();
    await first.said('interrupted');
    expect(await query(address, 'SELECT 1')).toEqual([1]);
    const pid = postmasterPid();
    await first.kill('SIGTERM');
    expect(isRunning(pid)).toBe(false);
  });

  it('does not descend from the service, since a watcher may kill its process tree', async () => {
    const first = runProgram();
    const address = await first.said('port');
    const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
    const parents = new Map(rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number]));
    const ancestors: number[] = [];
    for (let pid = parents.get(postmasterPid()); pid; pid = parents.get(pid)) ancestors.push(pid);
    expect(ancestors.length).toBeGreaterThan(0);
    expect(ancestors).not.toContain(first.pid);
    expect(await query(address, 'SELECT 1')).toEqual([1]);
    const pid = postmasterPid();
    await first.kill('SIGTERM');
    expect(isRunning(pid)).toBe(false);
  });

  it('lets only one of several services start on the same empty folder', async () => {
    const empty = join(place, 'raced');
    const runs = Array.from({ length: 4 }, () => runProgram({ dataDir: empty }));
    const outcomes = await Promise.all(runs.map((one) => one.said('port', 'error')));
    const winner = runs.find((_, index) => outcomes[index]?.port);
    expect(outcomes.filter(({ port }) => port)).toHaveLength(1);
    expect(outcomes.filter(({ error }) => error?.includes(`in use by process ${winner?.pid} `))).toHaveLength(3);
    await winner?.kill('SIGTERM');
  });

  it('retries while its port is in use', async () => {
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
