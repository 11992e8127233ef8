import { spawnSync } from 'node:child_process';
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { acquireOwnerLock } from './owner-lock.js';
import { identifyThisProcess } from '../platform/processes/process-identity.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'owner-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const self = identifyThisProcess();
const claim = (generation: number, other: object) =>
  writeFileSync(
    join(folder, `owner-${generation}.json`),
    JSON.stringify({ ...self, since: '2026-01-01T00:00:00.000Z', released: false, ...other }),
  );
const files = () => readdirSync(folder).toSorted();

describe('acquireOwnerLock', () => {
  it('rejects a second owner, names the first, and accepts another after the release', async () => {
    const lock = await acquireOwnerLock(folder);
    const refusal = acquireOwnerLock(folder);
    await expect(refusal).rejects.toBeInstanceOf(EmbeddedPostgresError);
    await expect(refusal).rejects.toThrow(
      new RegExp(`in use by this process \\(${process.pid}\\) since .*\\n.*DATA_DIR.*DATABASE_URL`),
    );
    lock.release();
    (await acquireOwnerLock(folder)).release();
    expect(files()).toEqual(['owner-2.json']);
  });

  it('names the process of another owner', async () => {
    claim(1, { pid: process.ppid, startedAt: null });
    await expect(acquireOwnerLock(folder)).rejects.toThrow(`in use by process ${process.ppid} since 2026-01-01`);
  });

  it('replaces an owner that is gone, a reused process id and an empty file', async () => {
    claim(6, { pid: spawnSync(process.execPath, ['--version']).pid });
    (await acquireOwnerLock(folder)).release();
    expect(files()).toEqual(['owner-7.json']);
    writeFileSync(join(folder, 'owner-8.json'), '');
    (await acquireOwnerLock(folder)).release();
    expect(files()).toEqual(['owner-9.json']);
    if (self.startedAt === null) return;
    claim(10, { startedAt: 'an earlier time' });
    (await acquireOwnerLock(folder)).release();
    expect(files()).toEqual(['owner-11.json']);
  });

  it('lets exactly one of many processes replace an owner that is gone', async () => {
    claim(3, { pid: spawnSync(process.execPath, ['--version']).pid });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => acquireOwnerLock(folder)));
    const locks = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(locks).toHaveLength(1);
    expect(files()).toEqual(['owner-4.json']);
    locks[0]?.release();
  });

  it('works on a file system without hard links', async () => {
    jest.spyOn(fs, 'linkSync').mockImplementation(() => {
      throw Object.assign(new Error('no links'), { code: 'ENOTSUP' });
    });
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => acquireOwnerLock(folder)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(files()).toEqual(['owner-1.json']);
    jest.restoreAllMocks();
  });

  it('touches its file as a heartbeat', async () => {
    jest.useFakeTimers();
    const lock = await acquireOwnerLock(folder);
    const file = join(folder, 'owner-1.json');
    utimesSync(file, 0, 0);
    jest.advanceTimersByTime(2000);
    expect(statSync(file).mtimeMs).toBeGreaterThan(0);
    lock.release();
    jest.useRealTimers();
  });

  describe('with an owner whose process is not visible', () => {
    const unseen = { host: 'another-host', pidNamespace: 'pid:[other]', bootId: 'other' };

    it('fails while its heartbeat continues', async () => {
      claim(1, unseen);
      const beat = setInterval(() => utimesSync(join(folder, 'owner-1.json'), new Date(), new Date()), 50);
      await expect(acquireOwnerLock(folder, 2000)).rejects.toThrow(`in use by process ${process.pid} on another-host`);
      clearInterval(beat);
    });

    it('fails if another process has replaced it meanwhile', async () => {
      claim(1, unseen);
      const refusal = acquireOwnerLock(folder, 500);
      claim(3, { pid: process.ppid, startedAt: null });
      await expect(refusal).rejects.toThrow(`in use by process ${process.ppid} `);
      expect(files()).toEqual(['owner-1.json', 'owner-3.json']);
    });

    it('replaces it when its heartbeat has stopped', async () => {
      claim(1, unseen);
      (await acquireOwnerLock(folder, 500)).release();
      expect(JSON.parse(readFileSync(join(folder, 'owner-2.json'), 'utf8'))).toMatchObject({ ...self, released: true });
    });
  });
});
