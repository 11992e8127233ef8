import { type Options, transform } from '@swc/core';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { bundle, copyFiles } from '../../scripts/bundle.mjs';

const CACHE = resolve('node_modules', '.cache');
/** Files that the result depends on, besides `src`. */
const INPUTS = ['package.json', 'scripts/bundle.mjs', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/** The service as `npm run build` makes it, and the sources in each of its bundles, by the name of the bundle. */
export interface CompiledService {
  folder: string;
  sources: Map<string, string[]>;
}

/** Builds the service into node_modules, where imports of packages resolve, unless an earlier test has. */
export async function compiledService(): Promise<CompiledService> {
  const folder = join(CACHE, `build-${fingerprint()}`);
  const list = join(folder, 'sources.json');
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    const draft = mkdtempSync(join(CACHE, 'building-'));
    const sources = await bundle(resolve('.'), join(draft, 'dist'));
    copyFileSync('package.json', join(draft, 'package.json'));
    writeFileSync(join(draft, 'sources.json'), JSON.stringify([...sources]));
    adopt(draft, folder);
  }
  return {
    folder: join(folder, 'dist'),
    sources: new Map(JSON.parse(readFileSync(list, 'utf8')) as [string, string[]][]),
  };
}

/** As TypeScript compiles with the options in tsconfig.json. */
const COMPILER: Options = {
  swcrc: false,
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2022',
    keepClassNames: true,
  },
  module: { type: 'es6' },
};

/** Compiles each file of another release, which was not built as a bundle. */
export async function compileRelease(root: string, target: string): Promise<void> {
  const source = join(root, 'src');
  copyFiles(source, target);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))) {
    const { code } = await transform(readFileSync(join(source, file), 'utf8'), COMPILER);
    const compiled = join(target, file.replace(/ts$/, 'js'));
    mkdirSync(dirname(compiled), { recursive: true });
    writeFileSync(compiled, code);
  }
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const sources = readdirSync('src', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...sources.toSorted(), ...INPUTS]) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Another process may have built the same. */
function adopt(draft: string, folder: string): void {
  try {
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(draft, { recursive: true });
  }
}
