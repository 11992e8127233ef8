import fs, { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastLines, openServerLog } from './server-log.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'server-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('openServerLog', () => {
  it('appends, and returns the lines after a position', () => {
    writeFileSync(join(folder, 'server.log'), 'FATAL:  of the last run\n');
    const log = openServerLog(folder, undefined);
    const position = log.position();
    writeSync(log.descriptor, 'LOG:  starting\nFATAL:  no\n');
    expect(log.tail(position)).toBe('LOG:  starting\nFATAL:  no');
    log.close();
    expect(readFileSync(log.file, 'utf8')).toBe('FATAL:  of the last run\nLOG:  starting\nFATAL:  no\n');
  });

  it('replaces a file that it may not write', () => {
    writeFileSync(join(folder, 'server.log'), 'of another user\n');
    jest.spyOn(fs, 'openSync').mockImplementationOnce(() => {
      throw Object.assign(new Error('denied'), { code: 'EACCES' });
    });
    openServerLog(folder, undefined).close();
    expect(readFileSync(join(folder, 'server.log'), 'utf8')).toBe('');
  });

  it('returns only the end of a long output', () => {
    const log = openServerLog(folder, undefined);
    writeSync(log.descriptor, Array.from({ length: 5000 }, (_, line) => `line ${line}\n`).join(''));
    expect(log.tail(0).split('\n')).toEqual(
      [4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999].map((line) => `line ${line}`),
    );
    log.close();
  });

  it('empties a file that exceeds its size, and keeps the previous content in another', () => {
    writeFileSync(join(folder, 'server.log'), 'x'.repeat(101));
    openServerLog(folder, undefined, 100).close();
    expect(statSync(join(folder, 'server.log')).size).toBe(0);
    expect(statSync(join(folder, 'server.log.1')).size).toBe(101);
  });

  it('limits the size while the file is open', () => {
    jest.useFakeTimers();
    const log = openServerLog(folder, undefined, 100);
    writeSync(log.descriptor, 'x'.repeat(101));
    jest.advanceTimersByTime(60_000);
    writeSync(log.descriptor, 'later');
    expect(readFileSync(log.file, 'utf8')).toBe('later');
    log.close();
    jest.useRealTimers();
  });
});

describe('lastLines', () => {
  it('omits blank lines', () => {
    expect(lastLines('a\n\nb\r\nc\n\n', 2)).toBe('b\nc');
  });
});
