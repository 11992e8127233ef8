import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytesOf } from './folder-facts.js';

interface BackupFile {
  name: string;
  bytes: number;
  ageHours: number;
  /** Permission bits. */
  mode: number;
}

export type BackupFacts =
  | { state: 'unset' }
  | { state: 'unreadable'; reason: string }
  | { state: 'listed'; path: string; newestFirst: BackupFile[]; freeBytes: number | undefined };

/** Files that are not complete backups: hidden and unfinished files, checksums, logs and notes. */
const NOT_A_BACKUP = /^\.|\.(tmp|part|partial|incomplete|sha256|md5|log|txt|json)$/;

export async function gatherBackups(folder: string | undefined, now: Date): Promise<BackupFacts> {
  if (!folder) return { state: 'unset' };
  try {
    const files: BackupFile[] = [];
    for (const name of await readdir(folder)) {
      const stats = NOT_A_BACKUP.test(name) ? undefined : await stat(join(folder, name));
      if (!stats?.isFile()) continue;
      const ageHours = (now.getTime() - stats.mtimeMs) / 3_600_000;
      files.push({ name, bytes: stats.size, ageHours, mode: stats.mode & 0o777 });
    }
    files.sort((one, other) => one.ageHours - other.ageHours);
    return { state: 'listed', path: folder, newestFirst: files, freeBytes: await freeBytesOf(folder) };
  } catch (error) {
    return { state: 'unreadable', reason: (error as Error).message };
  }
}
