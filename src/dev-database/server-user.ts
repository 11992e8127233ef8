import { readFileSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedPostgresError, SET_A_DATABASE } from './embedded-postgres-error.js';

/** The account the server runs as when the service itself is root, which PostgreSQL refuses. */
export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
}

type ReadStats = (path: string) => Pick<Stats, 'mode' | 'uid' | 'gid'>;

/**
 * undefined: this process's own user will do. As root: the owner of an existing cluster (a service run by an ordinary user before),
 * else the account `postgres`, else `nobody`.
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

/** passwd(5), without root and without lines it cannot make sense of. */
export function parsePasswd(content: string): ServerUser[] {
  return content.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    if (!name || !uid || !gid || !/^\d+$/.test(uid) || !/^\d+$/.test(gid) || Number(uid) === 0) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

/** Permission bits as in chmod: 4 read, 2 write, 1 execute or enter. The user has no other groups than its own. */
export function mayAccess(stats: Pick<Stats, 'mode' | 'uid' | 'gid'>, user: ServerUser, bits: number): boolean {
  const shift = stats.uid === user.uid ? 6 : stats.gid === user.gid ? 3 : 0;
  return ((stats.mode >> shift) & bits) === bits;
}

/** The uppermost folder of `path`, itself included, that `user` may not enter. `path` is absolute, real and exists. */
export function firstClosedFolder(path: string, user: ServerUser, readStats: ReadStats = statSync): string | undefined {
  const parent = dirname(path);
  const above = parent === path ? undefined : firstClosedFolder(parent, user, readStats);
  return above ?? (mayAccess(readStats(path), user, 1) ? undefined : path);
}
