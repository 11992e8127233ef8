import { readFileSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedPostgresError, SET_A_DATABASE } from './embedded-postgres-error.js';

/** The account that the server runs as if the service runs as root, which PostgreSQL refuses. */
export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
}

type ReadStats = (path: string) => Pick<Stats, 'mode' | 'uid' | 'gid'>;

/**
 * The account for the server if this process runs as root: the owner of an existing cluster (from a run as an ordinary
 * user), otherwise `postgres`, otherwise `nobody`. Undefined if the server can run as the user of this process.
 */
export function chooseServerUser(existingCluster: string): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readAccounts();
  const owner = statSync(existingCluster, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) {
    const name = accounts.find(({ uid }) => uid === owner.uid)?.name ?? String(owner.uid);
    return { name, uid: owner.uid, gid: owner.gid };
  }
  const user = ['postgres', 'nobody'].map((name) => accounts.find((account) => account.name === name)).find(Boolean);
  if (user) return user;
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root, and there is no account "postgres" or "nobody" to run it as.\n' +
      `Start the service as an ordinary user. Or: ${SET_A_DATABASE}`,
  );
}

function readAccounts(): ServerUser[] {
  try {
    return parsePasswd(readFileSync('/etc/passwd', 'utf8'));
  } catch {
    return [];
  }
}

/** The accounts of a passwd(5) file, without root and malformed lines. */
export function parsePasswd(content: string): ServerUser[] {
  return content.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    if (!name || !uid || !gid || !/^\d+$/.test(uid) || !/^\d+$/.test(gid) || Number(uid) === 0) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

/** Whether the user has these permission bits: 4 read, 2 write, 1 execute or enter. It has only its primary group. */
export function mayAccess(stats: Pick<Stats, 'mode' | 'uid' | 'gid'>, user: ServerUser, bits: number): boolean {
  const shift = stats.uid === user.uid ? 6 : stats.gid === user.gid ? 3 : 0;
  return ((stats.mode >> shift) & bits) === bits;
}

/**
 * The topmost folder of `path`, including itself, that `user` may not enter. `path` must exist, without symbolic links.
 */
export function firstClosedFolder(path: string, user: ServerUser, readStats: ReadStats = statSync): string | undefined {
  const parent = dirname(path);
  const above = parent === path ? undefined : firstClosedFolder(parent, user, readStats);
  return above ?? (mayAccess(readStats(path), user, 1) ? undefined : path);
}
