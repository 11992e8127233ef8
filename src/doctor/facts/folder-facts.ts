import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

export interface FolderFacts {
  path: string;
  /** False when the service would have to make it. */
  exists: boolean;
  /** Why this account cannot write there; undefined when it can. */
  unwritable: string | undefined;
  /** Bytes that this account may still write there; undefined where the system does not tell. */
  freeBytes: number | undefined;
}

/** Looks at a folder, or at the nearest one above it when it is not there yet, and writes nothing. */
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
    if (!(await stat(folder)).isDirectory()) return `${folder} is no folder`;
    await access(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** undefined where the file system does not tell */
export async function freeBytesOf(folder: string): Promise<number | undefined> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );
}
