import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('scripts/is-built.mjs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'is-built-'));
  const last = 'dist/fastapi/docs-pages/redoc.standalone.js';

  /** Writes a file with a modification time this many seconds ago. */
  const write = (file: string, secondsAgo: number) => {
    const path = join(folder, file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '');
    utimesSync(path, Date.now() / 1000 - secondsAgo, Date.now() / 1000 - secondsAgo);
  };
  const status = () => spawnSync(process.execPath, [join(folder, 'scripts/is-built.mjs')]).status;

  beforeAll(() => {
    cpSync('scripts/is-built.mjs', join(folder, 'scripts/is-built.mjs'));
    write('package.json', 60);
    write('src/deep/main.ts', 60);
    write('node_modules/rolldown/package.json', 60);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('succeeds if the build is newer than every source', () => {
    expect(status()).toBe(1);
    write(last, -60);
    expect(status()).toBe(0);
    write('src/deep/main.ts', -120);
    expect(status()).toBe(1);
    write('src/deep/main.ts', 60);
    expect(status()).toBe(0);
    write('tsconfig.json', -120);
    expect(status()).toBe(1);
    rmSync(join(folder, 'tsconfig.json'));
  });

  it('accepts an older build without a compiler, as after npm prune, which rewrites package-lock.json', () => {
    write('package-lock.json', -120);
    expect(status()).toBe(1);
    rmSync(join(folder, 'node_modules'), { recursive: true });
    expect(status()).toBe(0);
    rmSync(join(folder, 'package-lock.json'));
  });

  it('accepts the build if there are no sources', () => {
    rmSync(join(folder, 'src'), { recursive: true });
    expect(status()).toBe(0);
  });
});

describe('scripts/build.mjs', () => {
  it('does not delete dist without a compiler', () => {
    const folder = mkdtempSync(join(tmpdir(), 'build-'));
    cpSync('scripts', join(folder, 'scripts'), { recursive: true });
    mkdirSync(join(folder, 'dist'));
    expect(spawnSync(process.execPath, [join(folder, 'scripts/build.mjs')], { encoding: 'utf8' })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Cannot find package 'rolldown'"),
    });
    expect(existsSync(join(folder, 'dist'))).toBe(true);
    rmSync(folder, { recursive: true });
  });
});
