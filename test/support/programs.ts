import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Folders of server programs, which are not in the PATH of ordinary users. */
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

/** `describe` if the program is installed. Otherwise the tests are skipped with a warning. */
export function describeWith(program: string, debianPackage = program): (name: string, tests: () => void) => void {
  if (findProgram(program)) return describe;
  return (name, tests) => {
    // Jest prints nothing for a file whose tests are all skipped, not even its console output.
    process.stderr.write(`\nSKIPPED ${name}: ${program} is not installed (Debian: apt-get install ${debianPackage})\n`);
    describe.skip(name, tests);
  };
}
