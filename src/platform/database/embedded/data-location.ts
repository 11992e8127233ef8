import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { chooseServerUser, firstClosedFolder, type ServerUser } from './server-user.js';

export interface DataLocation {
  /** Holds everything of the embedded PostgreSQL: cluster, password, log, lock, copied binaries. Exists. */
  folder: string;
  serverUser: ServerUser | undefined;
  /** Why the data is not in the data folder; undefined when it is. */
  movedBecause?: string;
}

/** A file in the data folder that names where the data is. */
const SIGNPOST = 'postgres.location';
/** The way back: a file in the moved folder that names its data folder. */
const ORIGIN = 'origin';

/** Inside a location: the cluster itself, PostgreSQL's own data directory. */
export const CLUSTER = 'cluster';

/**
 * The data lives in `<dataDir>/postgres`. Where the server user may not enter that folder (a checkout under /root), it lives in a new
 * folder under `elsewhere`, and the file `<dataDir>/postgres.location` names it: deleting the data folder starts afresh, as one expects.
 */
export function locateData(dataDir: string, elsewhere: string): DataLocation {
  makeFolders(dataDir);
  const real = realpathSync(dataDir);
  const folder = join(real, 'postgres');
  const serverUser = chooseServerUser(join(folder, CLUSTER));
  const closed = serverUser && firstClosedFolder(existsSync(folder) ? folder : real, serverUser);
  if (serverUser === undefined || closed === undefined) {
    makeFolders(folder);
    return { folder, serverUser };
  }
  const moved = followSignpost(real) ?? putSignpost(real, elsewhere);
  return {
    folder: moved,
    serverUser: chooseServerUser(join(moved, CLUSTER)),
    movedBecause: `user "${serverUser.name}", whom PostgreSQL runs as, may not enter ${closed}`,
  };
}

/** Removes a signpost that leads nowhere, or to the data of another checkout. */
function followSignpost(dataDir: string): string | undefined {
  const moved = readText(join(dataDir, SIGNPOST));
  if (moved === undefined) return undefined;
  if (!existsSync(moved) || belongsToOther(moved, dataDir)) {
    rmSync(join(dataDir, SIGNPOST), { force: true });
    return undefined;
  }
  writeFileSync(join(moved, ORIGIN), `${dataDir}\n`);
  return moved;
}

/** A copied checkout carries the signpost along and must not share the original's data; a renamed one keeps its own. */
function belongsToOther(moved: string, dataDir: string): boolean {
  const origin = readText(join(moved, ORIGIN));
  return origin !== undefined && origin !== dataDir && readText(join(origin, SIGNPOST)) === moved;
}

/** Of two processes that start at once the first to link its draft decides where the data goes. */
function putSignpost(dataDir: string, elsewhere: string): string {
  const moved = join(elsewhere, randomBytes(4).toString('hex'));
  const draft = join(dataDir, `${SIGNPOST}.${basename(moved)}`);
  makeFolders(moved);
  writeFileSync(join(moved, ORIGIN), `${dataDir}\n`);
  writeFileSync(draft, `${moved}\n`);
  try {
    linkSync(draft, join(dataDir, SIGNPOST));
    return moved;
  } catch (error) {
    rmSync(moved, { recursive: true });
    const theirs = followSignpost(dataDir);
    if (theirs === undefined) throw error;
    return theirs;
  } finally {
    rmSync(draft);
  }
}

/** Opens what it creates to other users whatever the umask: the server user must get through to its own folder. */
function makeFolders(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (dirname(path) !== path) makeFolders(dirname(path));
  try {
    mkdirSync(path);
    chmodSync(path, 0o755);
  } catch (error) {
    // Another process was faster.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
