import fs, {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executable, findBinaries, prepareBinaries } from './binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

describe('findBinaries', () => {
  it('names the settings to use if there are no binaries', () => {
    expect(() => findBinaries('plan9-x64')).toThrow(EmbeddedPostgresError);
    expect(() => findBinaries('plan9-x64')).toThrow(/not installed for plan9-x64[^]*DATABASE_URL.*PGHOST/);
  });

  it('finds the installed binaries', () => {
    const found = findBinaries();
    expect(existsSync(executable(found, 'postgres'))).toBe(true);
    expect(found.version.startsWith(`${found.major}.`)).toBe(true);
  });
});

describe('prepareBinaries', () => {
  let parent: string;
  let root: string;
  let folder: string;
  const stranger = { name: 'stranger', uid: 54321, gid: 54321 };

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'binaries-'));
    chmodSync(parent, 0o755);
    [root, folder] = [join(parent, 'package', 'native'), join(parent, 'data')];
    for (const path of ['bin', 'lib/postgresql', 'lib/pkgconfig', 'share/postgresql/extension'])
      mkdirSync(join(root, path), { recursive: true });
    mkdirSync(folder);
    for (const file of [
      'bin/postgres',
      'lib/libpq.so.5.18',
      'lib/libpq.a',
      'lib/pkgconfig/libpq.pc',
      'share/postgresql/postgres.bki',
      'share/postgresql/extension/x.sql',
    ]) {
      writeFileSync(join(root, file), file);
    }
    chmodSync(join(root, 'bin/postgres'), 0o755);
    writeFileSync(
      join(root, 'pg-symlinks.json'),
      JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]),
    );
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(parent, { recursive: true });
  });

  const prepare = (version = '18.4.0', user = stranger) =>
    prepareBinaries({ version, major: '18', root }, folder, user);
  const mode = (path: string) => statSync(path).mode & 0o777;

  it('adds missing links and executable bits in place', async () => {
    chmodSync(join(root, 'bin/postgres'), 0o644);
    expect((await prepare()).root).toBe(root);
    expect(mode(join(root, 'bin/postgres'))).toBe(0o755);
    expect(readFileSync(join(root, 'lib/libpq.so.5'), 'utf8')).toBe('lib/libpq.so.5.18');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('copies binaries that the server user cannot reach, readable and without files for compilers', async () => {
    chmodSync(join(root, 'share/postgresql/extension/x.sql'), 0o600);
    chmodSync(join(parent, 'package'), 0o700);
    const { root: copy } = await prepare();
    expect(copy.startsWith(join(folder, 'binaries-18.4.0-'))).toBe(true);
    expect(mode(join(copy, 'bin/postgres'))).toBe(0o755);
    expect(mode(join(copy, 'share/postgresql/extension/x.sql'))).toBe(0o644);
    expect(readdirSync(join(copy, 'lib')).toSorted()).toEqual(['libpq.so.5', 'libpq.so.5.18', 'postgresql']);
    expect(readFileSync(join(copy, 'lib/libpq.so.5'), 'utf8')).toBe('lib/libpq.so.5.18');
  });

  it('copies binaries that it cannot repair in place, with the missing links', async () => {
    jest.spyOn(fs, 'symlinkSync').mockImplementationOnce(() => {
      throw Object.assign(new Error('read-only'), { code: 'EROFS' });
    });
    const { root: copy } = await prepare();
    expect(copy).not.toBe(root);
    expect(existsSync(join(root, 'lib/libpq.so.5'))).toBe(false);
    expect(existsSync(join(copy, 'lib/libpq.so.5'))).toBe(true);
  });

  it('checks access as its own user without a server user', async () => {
    expect((await prepareBinaries({ version: '18', major: '18', root }, folder, undefined)).root).toBe(root);
    jest.spyOn(fs, 'accessSync').mockImplementationOnce(() => {
      throw new Error('EACCES');
    });
    expect((await prepareBinaries({ version: '18', major: '18', root }, folder, undefined)).root).toBe(root);
  });

  it.each(['bin/postgres', 'lib/libpq.so.5.18', 'share/postgresql/postgres.bki'])(
    'copies when %s is unreadable',
    async (file) => {
      chmodSync(join(root, file), 0o600);
      expect((await prepare()).root).not.toBe(root);
    },
  );

  it('copies each version once, and removes the copy of the previous version', async () => {
    chmodSync(join(parent, 'package'), 0o700);
    const { root: first } = await prepare('18.3.0');
    writeFileSync(join(first, 'kept'), '');
    await prepare('18.3.0');
    expect(existsSync(join(first, 'kept'))).toBe(true);
    const { root: second } = await prepare('18.4.0');
    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([second]);
  });
});
