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

/** `describe` if the program is installed; see `describeIf`. */
export function describeWith(program: string, debianPackage = program): typeof describeTests {
  return describeIf(
    findProgram(program) !== undefined,
    `${program} is not installed (Debian: apt-get install ${debianPackage})`,
  );
}

/** `describe` if `isInstalled`. Otherwise the tests fail in CI, which installs every program, and are skipped elsewhere. */
export function describeIf(isInstalled: boolean, missing: string): typeof describeTests {
  if (isInstalled) return describeTests;
  if (process.env.CI) return (name) => describe(name, () => it('can run', () => fail(missing)));
  return (name, tests) => {
    // Jest prints nothing for a file whose tests are all skipped, not even its console output.
    process.stderr.write(`\nSKIPPED ${name}: ${missing}\n`);
    describe.skip(name, tests);
  };
}

function describeTests(name: string, tests: () => void): void {
  describe(name, tests);
}

function fail(message: string): never {
  throw new Error(message);
}
