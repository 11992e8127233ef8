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

let place: string;
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'data-location-')));
  chmodSync(place, 0o755);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(place, { recursive: true });
});

const startAs = (uid: number) => jest.spyOn(process as Required<typeof process>, 'getuid').mockReturnValue(uid);
const locate = (checkout = 'app') => locateData(join(place, checkout, '.data'), join(place, 'elsewhere'));
const closedCheckout = () => mkdirSync(join(place, 'app'), { mode: 0o700 });

describe('locateData', () => {
  it('stays in the data folder for an ordinary user, open or not', () => {
    startAs(1000);
    closedCheckout();
    expect(locate()).toEqual({ folder: join(place, 'app', '.data', 'postgres'), serverUser: undefined });
  });

  it('stays in the data folder for root when the path is open, whatever the umask', () => {
    startAs(0);
    const before = process.umask(0o077);
    const { folder, serverUser, movedBecause } = locate();
    process.umask(before);
    expect({ folder, movedBecause }).toEqual({
      folder: join(place, 'app', '.data', 'postgres'),
      movedBecause: undefined,
    });
    expect(serverUser?.uid).toBeGreaterThan(0);
    expect(statSync(folder).mode & 0o777).toBe(0o755);
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;
  asRoot('stays in a private data folder of root on an open path, which it opens to the server user alone', () => {
    const dataDir = join(place, 'app', '.data');
    mkdirSync(dataDir, { recursive: true });
    chmodSync(dataDir, 0o700);
    const { folder, serverUser } = locate();
    expect(folder).toBe(join(dataDir, 'postgres'));
    expect(statSync(dataDir)).toMatchObject({ uid: 0, gid: serverUser?.gid, mode: 0o40710 });
  });

  it('refuses to start afresh when the way to existing data was closed', () => {
    startAs(0);
    mkdirSync(join(place, 'app', '.data', 'postgres', 'cluster'), { recursive: true });
    chmodSync(join(place, 'app'), 0o700);
    // For an ordinary user the data is their own, and they are the server's user.
    if (statSync(place).uid === 0)
      expect(() => locate()).toThrow(/cannot be reached: user "\w+".* may not enter .*app\.\n.*chmod o\+x/);
    else expect(locate().folder).toBe(join(place, 'app', '.data', 'postgres'));
  });

  it('stays where it was moved when the way is opened later', () => {
    startAs(0);
    closedCheckout();
    const { folder } = locate();
    chmodSync(join(place, 'app'), 0o755);
    expect(locate()).toMatchObject({ folder, movedBecause: 'an earlier start put it there' });
  });

  it('follows another process that put the signpost first', () => {
    startAs(0);
    closedCheckout();
    const link = fs.linkSync;
    let theirs = '';
    jest.spyOn(fs, 'linkSync').mockImplementationOnce((draft, signpost) => {
      theirs = join(place, 'theirs');
      mkdirSync(theirs);
      writeFileSync(signpost, theirs);
      link(draft, signpost);
    });
    expect(locate().folder).toBe(theirs);
    expect(readdirSync(join(place, 'elsewhere'))).toEqual([]);
    expect(readdirSync(join(place, 'app', '.data'))).toEqual(['postgres.location']);
  });

  it('moves elsewhere for root under a closed folder, says why, and comes back to the same place', () => {
    startAs(0);
    closedCheckout();
    const first = locate();
    expect(first.folder.startsWith(join(place, 'elsewhere'))).toBe(true);
    expect(first.movedBecause).toContain(`may not enter ${join(place, 'app')}`);
    expect(readFileSync(join(place, 'app', '.data', 'postgres.location'), 'utf8').trim()).toBe(first.folder);
    expect(locate().folder).toBe(first.folder);
  });

  it('starts afresh when the data folder or the moved data was deleted', () => {
    startAs(0);
    closedCheckout();
    const first = locate();
    rmSync(join(place, 'app', '.data'), { recursive: true });
    const second = locate();
    expect(second.folder).not.toBe(first.folder);
    rmSync(second.folder, { recursive: true });
    expect([first.folder, second.folder]).not.toContain(locate().folder);
  });

  it('keeps the data of a renamed checkout, and gives a copied one its own', () => {
    startAs(0);
    closedCheckout();
    const { folder } = locate();
    renameSync(join(place, 'app'), join(place, 'renamed'));
    expect(locate('renamed').folder).toBe(folder);
    cpSync(join(place, 'renamed'), join(place, 'copied'), { recursive: true });
    chmodSync(join(place, 'copied'), 0o700);
    expect(locate('copied').folder).not.toBe(folder);
    expect(locate('renamed').folder).toBe(folder);
  });

  it('fails on a path that leads through a file', () => {
    writeFileSync(join(place, 'app'), '');
    expect(() => locate()).toThrow(/ENOTDIR|EEXIST/);
  });
});
