import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { ServiceBuild, variablesOf } from '../support/service-process.js';
import { TEST_SECRET } from '../support/test-app.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';

describe('node dist/cli.js', () => {
  let build: ServiceBuild;
  let database: DatabaseSettings;

  beforeAll(async () => {
    [build, database] = [await ServiceBuild.make(), await createDatabase()];
  });
  afterAll(async () => {
    build.remove();
    await dropDatabase(database);
  });

  /** Runs a command and returns its exit code with the packages and own files that V8 reports as loaded. */
  async function run(...words: string[]): Promise<{ exitCode: number; packages: Set<string>; files: string[] }> {
    const folder = mkdtempSync(join(tmpdir(), 'loaded-'));
    const env = {
      PATH: process.env.PATH,
      NODE_V8_COVERAGE: folder,
      SECRET_KEY: TEST_SECRET,
      ENV_FILE: devNull,
      ...variablesOf(database),
    };
    const exitCode = await new Promise<number>((resolve) => {
      const child = execFile(
        process.execPath,
        [join(build.folder, 'dist', 'cli.js'), ...words],
        { cwd: build.folder, env },
        () => resolve(child.exitCode ?? -1),
      );
    });
    const packages = new Set<string>();
    const files: string[] = [];
    for (const file of readdirSync(folder)) {
      const { result } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { result: { url: string }[] };
      for (const { url } of result) {
        const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^./][^/]*)\//.exec(url) ?? [];
        if (name) packages.add(name);
        const [, own] = url.split(`${build.folder}/dist/`);
        if (own) files.push(own);
      }
    }
    rmSync(folder, { recursive: true, force: true });
    return { exitCode, packages, files };
  }

  it.each([
    ['--help', 0],
    ['help', 0],
    ['audit:verify --help', 0],
    ['', 78],
  ])('loads no package for the help: %j', async (words, exitCode) => {
    expect(await run(...words.split(' ').filter((word) => word !== ''))).toMatchObject({
      exitCode,
      packages: new Set(),
    });
  });

  it.each([
    ['doctor --json', 1],
    ['migration:run', 0],
    ['migration:generate add-nothing', 0],
    ['migration:revert', 0],
    ['migration:create Not-Kebab', 78],
  ])('starts no Nest context for %j', async (words, exitCode) => {
    const ran = await run(...words.split(' '));
    expect(ran.exitCode).toBe(exitCode);
    expect(ran.packages).toContain('typeorm');
    expect(ran.packages).not.toContain('@nestjs/core');
  });

  describe('with all migrations', () => {
    beforeAll(() => run('migration:run'));

    it.each(['audit:verify', 'audit:seal', 'jobs:failed', 'jobs:retry --all'])(
      'runs %j in a Nest context without HTTP, hashing and jobs',
      async (words) => {
        const { exitCode, packages, files } = await run(...words.split(' '));
        expect(exitCode).toBe(0);
        expect(packages).toContain('@nestjs/core');
        expect(files).toContain('commands/commands.module.js');
        // The settings of all features are one class.
        expect(
          files.filter((file) => /^(?:auth|fastapi|mail)\/(?!.*settings)|^jobs\/job-runner|^app\./.test(file)),
        ).toEqual([]);
        for (const name of ['fastify', '@nestjs/platform-fastify', 'passport', 'bcrypt', 'piscina', 'graphile-worker'])
          expect(packages).not.toContain(name);
      },
    );
  });
});
