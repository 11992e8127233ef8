import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

export interface FolderFacts {
  path: string;
  /** False if the service would create it. */
  exists: boolean;
  /** The reason why this account cannot write to the folder. Undefined if it can. */
  unwritable: string | undefined;
  /** The free space for this account. Undefined if the system does not report it. */
  freeBytes: number | undefined;
}

/** Examines a folder, or its nearest existing parent, without writing to it. */
export async function gatherFolder(folder: string): Promise<FolderFacts> {
  const path = resolve(folder);
  let nearest = path;
  while (!(await exists(nearest)) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  return {
    path,
    exists: nearest === path,
    unwritable: await reasonNotToWrite(nearest),
    freeBytes: await freeBytesOf(nearest),
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function reasonNotToWrite(folder: string): Promise<string | undefined> {
  try {
    if (!(await stat(folder)).isDirectory()) return `${folder} is not a folder`;
    await access(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The free space of a file system for this account. Undefined if the system does not report it. */
export async function freeBytesOf(folder: string): Promise<number | undefined> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );
}
