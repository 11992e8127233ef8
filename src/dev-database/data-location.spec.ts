import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import fs, { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateData } from './data-location.js';

let parent: string;
beforeEach(() => {
  parent = realpathSync(mkdtempSync(join(tmpdir(), 'data-location-')));
  chmodSync(parent, 0o755);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(parent, { recursive: true });
});

const startAs = (uid: number) => jest.spyOn(process as Required<typeof process>, 'getuid').mockReturnValue(uid);
const locate = (checkout = 'app') => locateData(join(parent, checkout, '.data'), join(parent, 'elsewhere'));
const closedCheckout = () => mkdirSync(join(parent, 'app'), { mode: 0o700 });

describe('locateData', () => {
  it('uses the data folder for an ordinary user, open or not', () => {
    startAs(1000);
    closedCheckout();
    expect(locate()).toEqual({ folder: join(parent, 'app', '.data', 'postgres'), serverUser: undefined });
  });

  it('uses the data folder for root if the path is open, with any umask', () => {
    startAs(0);
    const before = process.umask(0o077);
    const { folder, serverUser, movedBecause } = locate();
    process.umask(before);
    expect({ folder, movedBecause }).toEqual({
      folder: join(parent, 'app', '.data', 'postgres'),
      movedBecause: undefined,
    });
    expect(serverUser?.uid).toBeGreaterThan(0);
    expect(statSync(folder).mode & 0o777).toBe(0o755);
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;
  asRoot('uses a private data folder of root on an open path, and opens it only to the server user', () => {
    const dataDir = join(parent, 'app', '.data');
    mkdirSync(dataDir, { recursive: true });
    chmodSync(dataDir, 0o700);
    const { folder, serverUser } = locate();
    expect(folder).toBe(join(dataDir, 'postgres'));
    expect(statSync(dataDir)).toMatchObject({ uid: 0, gid: serverUser?.gid, mode: 0o40710 });
  });

  it('refuses to start with empty data if the path to existing data was closed', () => {
    startAs(0);
    mkdirSync(join(parent, 'app', '.data', 'postgres', 'cluster'), { recursive: true });
    chmodSync(join(parent, 'app'), 0o700);
    // An ordinary user owns the data, and the server runs as that user.
    if (statSync(parent).uid === 0)
      expect(() => locate()).toThrow(
        /cannot be reached: PostgreSQL runs as user "\w+", which may not enter .*app\.\n.*chmod o\+x/,
      );
    else expect(locate().folder).toBe(join(parent, 'app', '.data', 'postgres'));
  });

  it('keeps moved data in its folder if the path is opened later', () => {
    startAs(0);
    closedCheckout();
    const { folder } = locate();
    chmodSync(join(parent, 'app'), 0o755);
    expect(locate()).toMatchObject({ folder, movedBecause: 'an earlier start moved it there' });
  });

  it('uses the folder of another process that wrote the location file first', () => {
    startAs(0);
    closedCheckout();
    const link = fs.linkSync;
    let theirs = '';
    jest.spyOn(fs, 'linkSync').mockImplementationOnce((draft, locationFile) => {
      theirs = join(parent, 'theirs');
      mkdirSync(theirs);
      writeFileSync(locationFile, theirs);
      link(draft, locationFile);
    });
    expect(locate().folder).toBe(theirs);
    expect(readdirSync(join(parent, 'elsewhere'))).toEqual([]);
    expect(readdirSync(join(parent, 'app', '.data'))).toEqual(['postgres.location']);
  });

  it('moves the data of root under a closed folder elsewhere, gives the reason, and finds it again', () => {
    startAs(0);
    closedCheckout();
    const first = locate();
    expect(first.folder.startsWith(join(parent, 'elsewhere'))).toBe(true);
    expect(first.movedBecause).toContain(`may not enter ${join(parent, 'app')}`);
    expect(readFileSync(join(parent, 'app', '.data', 'postgres.location'), 'utf8').trim()).toBe(first.folder);
    expect(locate().folder).toBe(first.folder);
  });

  it('starts with empty data if the data folder or the moved data was deleted', () => {
    startAs(0);
    closedCheckout();
    const first = locate();
    rmSync(join(parent, 'app', '.data'), { recursive: true });
    const second = locate();
    expect(second.folder).not.toBe(first.folder);
    rmSync(second.folder, { recursive: true });
    expect([first.folder, second.folder]).not.toContain(locate().folder);
  });

  it('keeps the data of a renamed checkout, and gives a copied checkout separate data', () => {
    startAs(0);
    closedCheckout();
    const { folder } = locate();
    renameSync(join(parent, 'app'), join(parent, 'renamed'));
    expect(locate('renamed').folder).toBe(folder);
    cpSync(join(parent, 'renamed'), join(parent, 'copied'), { recursive: true });
    chmodSync(join(parent, 'copied'), 0o700);
    expect(locate('copied').folder).not.toBe(folder);
    expect(locate('renamed').folder).toBe(folder);
  });

  it('fails on a path that leads through a file', () => {
    writeFileSync(join(parent, 'app'), '');
    expect(() => locate()).toThrow(/ENOTDIR|EEXIST/);
  });
});
