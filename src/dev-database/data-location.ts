import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
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
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { chooseServerUser, firstClosedFolder, type ServerUser } from './server-user.js';

export interface DataLocation {
  /** Holds everything of the embedded PostgreSQL: cluster, password, log, lock, copied binaries. Exists. */
  folder: string;
  serverUser: ServerUser | undefined;
  /** Why the data is not in the data folder; undefined when it is. */
  movedBecause?: string;
}

/** A file in the data folder that names where the data is. */
const LOCATION_FILE = 'postgres.location';
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
  const hasData = existsSync(join(folder, CLUSTER));
  const serverUser = chooseServerUser(join(folder, CLUSTER));
  const closed = serverUser && closedTo(serverUser, real, existsSync(folder) ? folder : real);
  if (closed !== undefined && hasData) throw closedFolderError(serverUser, folder, closed);

  // Data that was moved once stays there, also when the way to the data folder is opened later.
  const moved = serverUser && !hasData ? readLocationFile(real) : undefined;
  if (moved === undefined && closed === undefined) {
    makeFolders(folder);
    return { folder, serverUser };
  }
  const place = moved ?? writeLocationFile(real, elsewhere);
  return {
    folder: place,
    serverUser: chooseServerUser(join(place, CLUSTER)),
    movedBecause: closed ? `${describeClosed(serverUser)} ${closed}` : 'an earlier start put it there',
  };
}

/** A private data folder on an open path (made by mkdtemp, say) is no reason to move: it is opened to the server user's group. */
function closedTo(user: ServerUser, dataDir: string, path: string): string | undefined {
  const closed = firstClosedFolder(path, user);
  if (closed !== dataDir) return closed;
  const { mode, uid } = statSync(dataDir);
  if (uid !== 0 || (mode & 0o070) !== 0) return closed;
  chownSync(dataDir, uid, user.gid);
  chmodSync(dataDir, (mode & 0o777) | 0o010);
  return firstClosedFolder(path, user);
}

function closedFolderError(user: ServerUser | undefined, folder: string, closed: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The database in ${folder} cannot be reached: ${describeClosed(user)} ${closed}.\n` +
      `Let others enter that folder (chmod o+x ${closed}), or start with an empty database in another DATA_DIR.`,
  );
}

function describeClosed(user: ServerUser | undefined): string {
  return `user "${user?.name}", whom PostgreSQL runs as, may not enter`;
}

/** Removes a signpost that leads nowhere, or to the data of another checkout. */
function readLocationFile(dataDir: string): string | undefined {
  const moved = readText(join(dataDir, LOCATION_FILE));
  if (moved === undefined) return undefined;
  if (!existsSync(moved) || belongsToOther(moved, dataDir)) {
    rmSync(join(dataDir, LOCATION_FILE), { force: true });
    return undefined;
  }
  writeFileSync(join(moved, ORIGIN), `${dataDir}\n`);
  return moved;
}

/** A copied checkout carries the signpost along and must not share the original's data; a renamed one keeps its own. */
function belongsToOther(moved: string, dataDir: string): boolean {
  const origin = readText(join(moved, ORIGIN));
  return origin !== undefined && origin !== dataDir && readText(join(origin, LOCATION_FILE)) === moved;
}

/** Of two processes that start at once the first to link its draft decides where the data goes. */
function writeLocationFile(dataDir: string, elsewhere: string): string {
  const moved = join(elsewhere, randomBytes(4).toString('hex'));
  const draft = join(dataDir, `${LOCATION_FILE}.${basename(moved)}`);
  makeFolders(moved);
  writeFileSync(join(moved, ORIGIN), `${dataDir}\n`);
  writeFileSync(draft, `${moved}\n`);
  try {
    linkSync(draft, join(dataDir, LOCATION_FILE));
    return moved;
  } catch (error) {
    rmSync(moved, { recursive: true });
    const theirs = readLocationFile(dataDir);
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
