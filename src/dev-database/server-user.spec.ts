import fs from 'node:fs';
import { chooseServerUser, firstClosedFolder, mayAccess, parsePasswd } from './server-user.js';

const user = { name: 'postgres', uid: 101, gid: 104 };

afterEach(() => jest.restoreAllMocks());

describe('chooseServerUser', () => {
  const startAs = (uid: number) => jest.spyOn(process as Required<typeof process>, 'getuid').mockReturnValue(uid);
  const accounts = (passwd: string) => jest.spyOn(fs, 'readFileSync').mockReturnValueOnce(passwd);
  const nobody = { name: 'nobody', uid: 65534, gid: 65534 };

  it('is undefined for an ordinary user', () => {
    startAs(1000);
    expect(chooseServerUser('/nowhere')).toBeUndefined();
  });

  it('prefers "postgres" to "nobody" for root, in any order', () => {
    startAs(0);
    accounts('nobody:x:65534:65534:::\npostgres:x:101:104:::\n');
    expect(chooseServerUser('/nowhere')).toEqual(user);
    accounts('nobody:x:65534:65534:::\n');
    expect(chooseServerUser('/nowhere')).toEqual(nobody);
  });

  it('chooses the owner of existing data, with or without a name', () => {
    startAs(0);
    jest.spyOn(fs, 'statSync').mockReturnValue({ uid: 1234, gid: 5678 } as fs.Stats);
    accounts('ann:x:1234:5678:::\n');
    expect(chooseServerUser('/data')).toEqual({ name: 'ann', uid: 1234, gid: 5678 });
    accounts('');
    expect(chooseServerUser('/data')).toEqual({ name: '1234', uid: 1234, gid: 5678 });
  });

  it('explains the remedy if root has no account for the server', () => {
    startAs(0);
    jest.spyOn(fs, 'readFileSync').mockImplementationOnce(() => {
      throw new Error('no /etc/passwd');
    });
    expect(() => chooseServerUser('/nowhere')).toThrow(
      /no account "postgres" or "nobody"[^]*ordinary user.*DATABASE_URL/,
    );
  });
});

describe('parsePasswd', () => {
  it('reads name, uid and gid, and skips root and malformed lines', () => {
    const content =
      'root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:a,,,:/var/lib:/bin/sh\n+::::::\nbroken\nx:x:12a:1::/:\n';
    expect(parsePasswd(content)).toEqual([user]);
  });
});

describe('mayAccess', () => {
  it.each([
    ['owner', { uid: 101, gid: 0, mode: 0o40700 }, 7, true],
    ['owner without access', { uid: 101, gid: 104, mode: 0o40077 }, 1, false],
    ['group', { uid: 0, gid: 104, mode: 0o40750 }, 5, true],
    ['group without write', { uid: 0, gid: 104, mode: 0o40750 }, 2, false],
    ['others', { uid: 0, gid: 0, mode: 0o40711 }, 1, true],
    ['others may enter, not list', { uid: 0, gid: 0, mode: 0o40711 }, 5, false],
    ['others of a private folder', { uid: 0, gid: 0, mode: 0o40700 }, 1, false],
  ])('%s', (_who, stats, bits, expected) => {
    expect(mayAccess(stats, user, bits)).toBe(expected);
  });
});

describe('firstClosedFolder', () => {
  const stats = (closed: string[]) => (path: string) => ({
    uid: 0,
    gid: 0,
    mode: closed.includes(path) ? 0o40700 : 0o40755,
  });

  it('returns the topmost folder that the user may not enter', () => {
    expect(firstClosedFolder('/root/app/.data', user, stats(['/root', '/root/app']))).toBe('/root');
    expect(firstClosedFolder('/srv/app/.data', user, stats(['/srv/app/.data']))).toBe('/srv/app/.data');
  });

  it('is undefined on an open path', () => {
    expect(firstClosedFolder('/srv/app/.data', user, stats([]))).toBeUndefined();
  });
});
