import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DatabaseSettings } from '../../src/platform/config/database-settings.js';
import { type CompiledService, compiledService } from '../support/compiled-service.js';
import { ServiceBuild, variablesOf } from '../support/service-process.js';
import { TEST_SECRET } from '../support/test-app.js';
import { createDatabase, dropDatabase } from '../support/test-databases.js';

describe('node dist/cli.js', () => {
  let build: ServiceBuild;
  let compiled: CompiledService;
  let database: DatabaseSettings;

  beforeAll(async () => {
    [build, compiled, database] = [await ServiceBuild.make(), await compiledService(), await createDatabase()];
  });
  afterAll(async () => {
    build.remove();
    await dropDatabase(database);
  });

  /** The modules in a bundle, or a module of a package that is not bundled. */
  const sourcesOf = (url: string): string[] => compiled.sources.get(url.split('/dist/').at(-1) ?? '') ?? [url];

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
      for (const source of result.flatMap(({ url }) => sourcesOf(url))) {
        const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^./][^/]*)\//.exec(source) ?? [];
        if (name) packages.add(name);
        const [, own] = source.split(resolve('src/'));
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
        expect(files).toContain('/commands/commands.module.ts');
        // The settings of all features are one class.
        expect(
          files.filter((file) => /^\/(?:(?:auth|fastapi|mail)\/(?!.*settings)|jobs\/job-runner|app\.)/.test(file)),
        ).toEqual([]);
        for (const name of ['fastify', '@nestjs/platform-fastify', 'passport', 'bcrypt', 'piscina', 'graphile-worker'])
          expect(packages).not.toContain(name);
      },
    );
  });
});
