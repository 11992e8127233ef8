/**
 * Compiles `src` and bundles it with its packages. A start then opens 80 files instead of 2,900 and takes half of the CPU
 * time.
 */
import { cpSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** The programs, and the modules that ecosystem.config.cjs, `deploy/` and `bench/` import. */
const ENTRIES = [
  'main',
  'cli',
  'settings/load-environment',
  'platform/config/database-settings',
  'platform/config/env-file',
  'dev-database/embedded-postgres',
  'platform/pagination/cursor',
];

/** Packages with native code, or that find their own files or threads on the disk. */
const UNBUNDLED = ['bcrypt', 'piscina', 'swagger-ui-dist'];

/** Files that the service reads at run time, at the same path in `src` and in `dist`. */
const READ_AT_RUN_TIME = /\.(hbs|mjs)$/;

/** Leaves imports of packages that are not installed to Node.js. Nest and TypeORM catch the error of an optional package. */
const optionalPackages = {
  name: 'optional-packages',
  async resolveId(id, importer, options) {
    if (importer === undefined || /^[./\0]/.test(id)) return null;
    return (await this.resolve(id, importer, { ...options, skipSelf: true })) ?? { id, external: true };
  },
};

/**
 * Bundles what Nest's packages load with a `require` that they create themselves. Without this, they would load second
 * copies of TypeORM and class-validator.
 */
const nestRequires = {
  name: 'nest-requires',
  transform: {
    filter: { id: /[\\/]node_modules[\\/]@nestjs[\\/]/, code: 'createRequire(import.meta.url)' },
    handler: (code) => ({ code: code.replace('const require = createRequire(import.meta.url);', ''), map: null }),
  },
};

/** Drops the source maps of packages, which are 14 MB. */
const ownSourceMaps = {
  name: 'own-source-maps',
  generateBundle(_options, files) {
    for (const name of Object.keys(files)) if (/packages-[^/]+\.map$/.test(name)) delete files[name];
  },
};

/**
 * Bundles the service.
 *
 * @param {string} root root folder of the project
 * @param {string} target folder for the result, which must not exist
 * @returns {Promise<Map<string, string[]>>} the written bundles, with the sources in each
 */
export async function bundle(root, target) {
  const sources = await rolldown({
    input: Object.fromEntries(ENTRIES.map((name) => [name, join(root, 'src', `${name}.ts`)])),
    cwd: root,
    platform: 'node',
    tsconfig: join(root, 'tsconfig.build.json'),
    transform: { target: 'es2023' },
    external: UNBUNDLED,
    plugins: [optionalPackages, nestRequires, ownSourceMaps],
    // Some packages call eval.
    checks: { eval: false },
  });
  const { output } = await sources.write({
    dir: target,
    format: 'esm',
    keepNames: true,
    sourcemap: true,
    // Modules such as reflect-metadata change globals that modules in other bundles use.
    strictExecutionOrder: true,
    entryFileNames: '[name].js',
    chunkFileNames: ({ name }) => `chunks/${name.replace(/~.*/, '')}-[hash].js`,
    // Each program loads only the modules that it imports.
    codeSplitting: {
      groups: [
        { name: 'packages', test: /[\\/]node_modules[\\/]/, entriesAware: true },
        { name: 'service', test: /[\\/]src[\\/]/, entriesAware: true },
      ],
    },
  });
  await sources.close();
  copyFiles(join(root, 'src'), target);
  copyRedoc(join(target, 'fastapi', 'docs-pages'));
  return new Map(output.map(({ fileName, moduleIds }) => [fileName, moduleIds ?? []]));
}

/** Copies the files that the service reads at run time. */
export function copyFiles(source, target) {
  for (const file of readdirSync(source, { recursive: true }).filter((name) => READ_AT_RUN_TIME.test(name)))
    cpSync(join(source, file), join(target, file));
}

/** Copies ReDoc's single bundle, so that production does not need the package and its 85 MB of dependencies. */
function copyRedoc(target) {
  const require = createRequire(import.meta.url);
  const file = 'redoc/bundles/redoc.standalone.js';
  cpSync(require.resolve('redoc/LICENSE'), join(target, 'redoc.LICENSE.txt'));
  cpSync(require.resolve(`${file}.LICENSE.txt`), join(target, 'redoc.standalone.js.LICENSE.txt'));
  // The last file: start.sh takes its presence as the sign of a complete build.
  cpSync(require.resolve(file), join(target, 'redoc.standalone.js'));
}
