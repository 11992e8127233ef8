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
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { bundle } from '../../scripts/bundle.mjs';

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

/** Compiles each file of another release, which need not work as a bundle. */
export async function compileRelease(root: string, target: string): Promise<void> {
  const source = join(root, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const release = await rolldown({
    input: files.filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts')).map((file) => join(source, file)),
    platform: 'node',
    tsconfig: join(root, 'tsconfig.build.json'),
    external: /^[^./]/,
  });
  await release.write({ dir: target, format: 'esm', preserveModules: true, preserveModulesRoot: source });
  await release.close();
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
