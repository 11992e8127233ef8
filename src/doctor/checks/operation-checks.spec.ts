import { said } from '../../../test/support/healthy-facts.js';
import type { BackupFacts } from '../facts/backup-facts.js';

const file = { name: 'new.dump', bytes: 1000, ageHours: 3, mode: 0o600 };
const listed = (...newestFirst: (typeof file)[]): BackupFacts => ({
  state: 'listed',
  path: '/backups',
  newestFirst,
  freeBytes: 50 * 1024 ** 3,
});

describe('backups', () => {
  it.each<[string, BackupFacts, string[]]>([
    ['unset', { state: 'unset' }, ['warn: BACKUP_DIR is not set: backups cannot be checked']],
    ['unreadable', { state: 'unreadable', reason: 'ENOENT' }, ['fail: BACKUP_DIR cannot be read: ENOENT']],
    ['none', listed(), ['fail: there is no backup in /backups']],
    ['fresh', listed(file), ['pass: new.dump is 3 hours old, 1 kept; test one regularly with deploy/restore.sh']],
    ['at the limit', listed({ ...file, ageHours: 26 }), [expect.stringContaining('pass: ')]],
    ['late', listed({ ...file, ageHours: 26.1 }, file), ['fail: the newest backup new.dump is 26 hours old']],
    ['empty', listed({ ...file, bytes: 0 }, file), ['fail: new.dump, the newest backup, is empty']],
    [
      'shrunken',
      listed({ ...file, bytes: 400 }, file),
      ['warn: new.dump has less than half the size of the previous backup'],
    ],
    ['readable by others', listed({ ...file, mode: 0o644 }), ['warn: every account of this machine may read new.dump']],
  ])('%s', (_, backups, expected) => expect(said('backups', { facts: { backups } })).toEqual(expected));

  it('checks the space for the next backup', () => {
    const GIGABYTE = 1024 ** 3;
    const says = (bytes: number, freeBytes?: number) =>
      said('backups-space', { facts: { backups: { ...listed({ ...file, bytes }), freeBytes } as BackupFacts } });
    expect(says(1000, 50 * GIGABYTE)).toEqual(['pass: 50 GB free for the next backup']);
    expect(says(1000, GIGABYTE / 2)).toEqual(['warn: 0.5 GB free for the next backup']);
    expect(says(60 * GIGABYTE, 50 * GIGABYTE)).toEqual(['fail: 50 GB free for the next backup']);
    expect(says(1000)).toEqual([]);
  });
});

describe('keep-alive', () => {
  it.each([
    ['72', '1', 'pass: idle connections are kept for 72 s'],
    ['620', '1', 'pass: idle connections are kept for 620 s'],
    ['61', '1', 'pass: idle connections are kept for 61 s'],
    ['60', '1', 'warn: idle connections are kept for 60 s: a proxy that keeps them longer'],
    ['5', '2', 'warn: idle connections are kept for 5 s: a proxy that keeps them longer'],
    ['5', '0', 'pass: idle connections are kept for 5 s'],
  ])('KEEP_ALIVE_SECONDS=%s behind %s proxies', (KEEP_ALIVE_SECONDS, TRUST_PROXY, expected) => {
    expect(said('keep-alive', { settings: { KEEP_ALIVE_SECONDS, TRUST_PROXY } })).toEqual([
      expect.stringContaining(expected),
    ]);
  });
});

describe('drain', () => {
  it.each([
    [{ DRAIN_DELAY_MS: '2000', DRAIN_SECONDS: '8' }, 'pass: a stop takes at most 8 s'],
    [{ DRAIN_DELAY_MS: '4000', DRAIN_SECONDS: '8' }, 'pass: a stop takes at most 8 s'],
    [
      { DRAIN_DELAY_MS: '4001', DRAIN_SECONDS: '8' },
      'warn: DRAIN_DELAY_MS=4001 is reduced to half of DRAIN_SECONDS=8, to leave time for running requests',
    ],
    [{ DRAIN_DELAY_MS: '1001' }, 'pass: a stop takes at most 8 s'],
    [{ DRAIN_DELAY_MS: '1000' }, expect.stringMatching(/^warn: a stop accepts new connections for only 1000 ms/)],
    [{ DRAIN_SECONDS: '2' }, expect.stringMatching(/^warn: a stop accepts new connections for only 1000 ms/)],
    [{ DRAIN_DELAY_MS: '0', DEBUG: 'True' }, 'pass: a stop takes at most 8 s'],
    [{ DRAIN_DELAY_MS: '0', TRUST_PROXY: '0' }, 'pass: a stop takes at most 8 s'],
  ])('%j', (settings, expected) => expect(said('drain', { settings })).toEqual([expected]));
});
