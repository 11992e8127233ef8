import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTransientFailure, readPidFile } from './postmaster.js';

describe('isTransientFailure', () => {
  it.each([
    'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use\nFATAL:  could not create any TCP/IP sockets',
    'FATAL:  pre-existing shared memory block (key 10002503, ID 8) is still in use',
  ])('is true for %j', (tail) => expect(isTransientFailure(tail)).toBe(true));

  it.each(['', 'FATAL:  invalid value for parameter "shared_buffers": "lots"'])('is false for %j', (tail) =>
    expect(isTransientFailure(tail)).toBe(false),
  );
});

describe('readPidFile', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pid-file-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ['8\n/d\n1795347509\n5599\n\n127.0.0.1\n 10002503 8\nready   \n', { pid: 8, status: 'ready' }],
    ['8\n/d\n1795347509\n5599\n\n', { pid: 8, status: '' }],
    ['', undefined],
    ['-8\n', undefined],
  ])('reads %j', (content, expected) => {
    writeFileSync(join(folder, 'postmaster.pid'), content);
    expect(readPidFile(folder)).toEqual(expected);
  });

  it('is undefined without a file', () => expect(readPidFile(folder)).toBeUndefined());
});
