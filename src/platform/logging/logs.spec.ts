import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../config/configuration-error.js';
import type { PlatformSettings } from '../config/platform-settings.js';
import { openLogs } from './logs.js';

const settings = (LOG_DIR?: string) => ({ LOG_LEVEL: 'info', DEBUG: false, LOG_DIR }) as PlatformSettings;

describe('openLogs', () => {
  let parent: string;
  let folder: string;
  let stdout: string[];

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'open-logs-'));
    folder = join(parent, 'a', 'b');
    stdout = [];
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => stdout.push(String(text)) > 0);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(parent, { recursive: true, force: true });
  });

  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');

  it('writes everything to stdout without a folder', async () => {
    const { logger, access, reopen } = openLogs(settings());
    access.info('asked');
    reopen();
    logger.error('failed');
    await turn();
    expect(stdout.join('')).toMatch(/"msg":"asked"[^]*"msg":"failed"/);
  });

  it('writes files that only the service and its group may read', async () => {
    const { logger, access } = openLogs(settings(folder));
    logger.info('began');
    access.info('asked');
    logger.error('failed');
    await turn();
    expect(stdout.join('')).toMatch(/"msg":"began"[^]*"msg":"failed"/);
    expect([stdout.join(''), read('access.log'), read('error.log')].map((text) => text.includes('asked'))).toEqual([
      false,
      true,
      false,
    ]);
    expect(read('error.log')).toMatch(/^[^\n]*"msg":"failed"}\n$/);
    expect(statSync(folder).mode & 0o027).toBe(0);
    expect(statSync(join(folder, 'access.log')).mode & 0o137).toBe(0);
  });

  it('writes earlier lines to the old file, and later ones to the new file', async () => {
    const { access, reopen } = openLogs(settings(folder));
    access.info('before');
    renameSync(join(folder, 'access.log'), join(folder, 'access.log.1'));
    reopen();
    access.info('after');
    await turn();
    expect(read('access.log.1')).toMatch(/^[^\n]*"msg":"before"}\n$/);
    expect(read('access.log')).toMatch(/^[^\n]*"msg":"after"}\n$/);
  });

  it('refuses a folder if a file in it cannot be written, and names the file', () => {
    mkdirSync(join(folder, 'access.log'), { recursive: true });
    expect(() => openLogs(settings(folder))).toThrow(ConfigurationError);
    expect(() => openLogs(settings(folder))).toThrow(
      /^LOG_DIR cannot be used: .*access\.log cannot be written: EISDIR/,
    );
  });
});
