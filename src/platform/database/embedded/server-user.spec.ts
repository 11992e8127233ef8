import { firstClosedFolder, mayAccess, parsePasswd } from './server-user.js';

const user = { name: 'postgres', uid: 101, gid: 104 };

describe('parsePasswd', () => {
  it('reads name, uid and gid, and leaves out root and broken lines', () => {
    const content =
      'root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:a,,,:/var/lib:/bin/sh\n+::::::\nbroken\nx:x:12a:1::/:\n';
    expect(parsePasswd(content)).toEqual([user]);
  });
});

describe('mayAccess', () => {
  it.each([
    ['owner', { uid: 101, gid: 0, mode: 0o40700 }, 7, true],
    ['owner shut out of his own', { uid: 101, gid: 104, mode: 0o40077 }, 1, false],
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

  it('names the uppermost folder the user may not enter', () => {
    expect(firstClosedFolder('/root/app/.data', user, stats(['/root', '/root/app']))).toBe('/root');
    expect(firstClosedFolder('/srv/app/.data', user, stats(['/srv/app/.data']))).toBe('/srv/app/.data');
  });

  it('is undefined on an open path', () => {
    expect(firstClosedFolder('/srv/app/.data', user, stats([]))).toBeUndefined();
  });
});
