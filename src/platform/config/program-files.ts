import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of the program: `src`, or `dist` after a build, where this module may be in any bundle. */
const program = programFolder(dirname(fileURLToPath(import.meta.url)));

function programFolder(folder: string): string {
  const parent = dirname(folder);
  return existsSync(join(parent, 'package.json')) ? folder : programFolder(parent);
}

/** A file of the program that is not imported. @param path relative to `src` */
export function programFile(path: string): URL {
  return pathToFileURL(join(program, path));
}
