import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { executable, findBinaries, prepareBinaries } from '../../src/dev-database/binaries.js';
import { EmbeddedPostgresError } from '../../src/dev-database/embedded-postgres-error.js';
import { run } from '../../src/dev-database/server-process.js';
import { chooseServerUser, firstClosedFolder } from '../../src/dev-database/server-user.js';
import { folder, lines, place, query, runProgram, start, useFixture } from './embedded-postgres-fixture.js';

useFixture();

const isRoot = process.getuid?.() === 0;
const stranger = { name: 'nobody', uid: 65534, gid: 65534 };

describe('a failed start of the embedded PostgreSQL', () => {
  const refusal = async (other: object = {}) => {
    const error: unknown = await start(other).then(
      () => 'started',
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(EmbeddedPostgresError);
    return (error as Error).message;
  };

  it("shows the end of the server's log and releases the folder", async () => {
    expect(await refusal({ settings: { shared_buffers: 'lots' } })).toMatch(
      /server\.log:\n.*invalid value for parameter "shared_buffers"/,
    );
    await (await start()).stop();
  });

  it('names the version of the data if the installed version cannot read it', async () => {
    const dir = join(place, 'old');
    mkdirSync(join(dir, 'postgres', 'cluster'), { recursive: true });
    expect(await refusal({ dataDir: dir })).toContain('is not a PostgreSQL data directory');
    writeFileSync(join(dir, 'postgres', 'cluster', 'PG_VERSION'), '9.6\n');
    expect(await refusal({ dataDir: dir })).toMatch(
      /written by PostgreSQL 9\.6, but the installed binaries are PostgreSQL \d+\.\n.*DATABASE_URL/,
    );
  });

  it('reports a missing or incorrect password', async () => {
    const file = join(folder, 'password');
    const password = readFileSync(file);
    writeFileSync(file, 'another');
    expect(await refusal()).toMatch(/rejects the password.*\n.*DATA_DIR/);
    rmSync(file);
    expect(await refusal()).toMatch(/password .* cannot be read \(ENOENT.*\n.*DATA_DIR/);
    writeFileSync(file, password, { mode: 0o600 });
    await (await start()).stop();
  });

  it('reports that the data folder cannot be written', async () => {
    writeFileSync(join(place, 'a-file'), '');
    expect(await refusal({ dataDir: join(place, 'a-file', 'data') })).toMatch(
      /^The data folder .*a-file\/data cannot be written .*\n.*DATABASE_URL/,
    );
  });
});

describe('an account that may not access all folders', () => {
  const ifRoot = isRoot ? it : it.skip;
  const ifRootAndCheckoutIsOpen =
    isRoot && firstClosedFolder(resolve('node_modules'), stranger) === undefined ? it : it.skip;

  ifRoot('gets data and binaries in another folder if root starts the service in a closed one', async () => {
    const closed = join(place, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const server = await start({ dataDir: join(closed, 'data') });
    const moved = readFileSync(join(closed, 'data', 'postgres.location'), 'utf8').trim();
    expect(lines[0]).toBe(
      `The database is in ${moved}: PostgreSQL runs as user "${chooseServerUser('')?.name}", which may not enter ${closed}.`,
    );
    expect(await query(server, "SELECT current_setting('data_directory')")).toEqual([join(moved, 'cluster')]);
    await server.stop();
  });

  it('can run a copy of binaries that it may not access', async () => {
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

  ifRootAndCheckoutIsOpen('starts the server as an ordinary user, and root can use that user’s data', async () => {
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

  ifRootAndCheckoutIsOpen('gets an error for the data of another user', async () => {
    const { error } = await runProgram({}, stranger).said('error');
    expect(error).toMatch(/^The data folder .* cannot be written \(EACCES.*\n.*DATA_DIR/);
  });
});
