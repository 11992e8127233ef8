import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where servers are installed, which the PATH of an ordinary user leaves out. */
const SERVER_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Path of an installed program, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SERVER_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `describe`, where the program is installed; else the tests count as skipped, and a warning says why. */
export function describeWith(program: string, debianPackage = program): (name: string, tests: () => void) => void {
  if (findProgram(program)) return describe;
  return (name, tests) => {
    // Jest prints nothing of a file whose tests are all skipped, and its console neither.
    process.stderr.write(`\nSKIPPED ${name}: no ${program} here (Debian: apt-get install ${debianPackage})\n`);
    describe.skip(name, tests);
  };
}
