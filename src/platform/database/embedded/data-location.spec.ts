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

  it('stays with the files of an ordinary user who started it before', () => {
    startAs(0);
    closedCheckout();
    const cluster = join(place, 'app', '.data', 'postgres', 'cluster');
    mkdirSync(cluster, { recursive: true });
    if (statSync(cluster).uid === 0) return; // Files of another user cannot be had without a chown; shown in test/faults.
    expect(locate().folder).toBe(join(cluster, '..'));
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
