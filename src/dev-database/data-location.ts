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
  /** An existing folder for all files of the embedded PostgreSQL: cluster, password, log, lock, copied binaries. */
  folder: string;
  serverUser: ServerUser | undefined;
  /** The reason why the data is not in the data folder. Undefined if it is. */
  movedBecause?: string;
}

/** A file in the data folder with the path of the moved data. */
const LOCATION_FILE = 'postgres.location';
/** A file in the moved folder with the path of its data folder. */
const ORIGIN = 'origin';

/** The subfolder of a location with the cluster, PostgreSQL's data directory. */
export const CLUSTER = 'cluster';

/**
 * Finds the data in `<dataDir>/postgres`. If the server user may not enter that folder, as in a checkout under /root,
 * the data is in a new folder under `elsewhere`, and `<dataDir>/postgres.location` contains its path. Deleting the data
 * folder therefore always gives an empty database.
 */
export function locateData(dataDir: string, elsewhere: string): DataLocation {
  makeFolders(dataDir);
  const real = realpathSync(dataDir);
  const folder = join(real, 'postgres');
  const hasData = existsSync(join(folder, CLUSTER));
  const serverUser = chooseServerUser(join(folder, CLUSTER));
  const closed = serverUser && closedTo(serverUser, real, existsSync(folder) ? folder : real);
  if (closed !== undefined && hasData) throw closedFolderError(serverUser, folder, closed);

  // Moved data stays in its folder, even if the path to the data folder is opened later.
  const moved = serverUser && !hasData ? readLocationFile(real) : undefined;
  if (moved === undefined && closed === undefined) {
    makeFolders(folder);
    return { folder, serverUser };
  }
  const movedFolder = moved ?? writeLocationFile(real, elsewhere);
  return {
    folder: movedFolder,
    serverUser: chooseServerUser(join(movedFolder, CLUSTER)),
    movedBecause: closed ? `${describeClosed(serverUser)} ${closed}` : 'an earlier start moved it there',
  };
}

/** The first closed folder. Opens a private data folder on an open path, as mkdtemp creates it, to the user's group. */
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
      `Allow other users to enter that folder (chmod o+x ${closed}), or start with an empty database in another DATA_DIR.`,
  );
}

function describeClosed(user: ServerUser | undefined): string {
  return `PostgreSQL runs as user "${user?.name}", which may not enter`;
}

/** Reads the location file, and removes it if it names a missing folder or the data of another checkout. */
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

/** Whether the checkout is a copy, which contains the location file of the original and must not share its data. */
function belongsToOther(moved: string, dataDir: string): boolean {
  const origin = readText(join(moved, ORIGIN));
  return origin !== undefined && origin !== dataDir && readText(join(origin, LOCATION_FILE)) === moved;
}

/** If two processes start at the same time, the first one to link its draft determines the folder. */
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

/** Creates folders that other users may enter, whatever the umask, so that the server user can reach its files. */
function makeFolders(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (dirname(path) !== path) makeFolders(dirname(path));
  try {
    mkdirSync(path);
    chmodSync(path, 0o755);
  } catch (error) {
    // Another process may have created it first.
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
