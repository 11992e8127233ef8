import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { dirname } from 'node:path';
import { EmbeddedPostgresError, SET_A_DATABASE } from './embedded-postgres-error.js';
import type { ServerUser } from './server-user.js';

/**
 * Starts a PostgreSQL program as the server user, in a separate process group, so that Ctrl-C does not reach the
 * database before the service has drained. It does not inherit the environment, which contains secrets and maybe PG*
 * variables.
 */
export function spawnServerProgram(
  file: string,
  args: string[],
  user: ServerUser | undefined,
  stdio: StdioOptions,
): ChildProcess {
  return spawn(file, args, {
    cwd: dirname(file),
    detached: process.platform !== 'win32',
    env: process.platform === 'win32' ? undefined : { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio,
    windowsHide: true,
    ...(user && { uid: user.uid, gid: user.gid }),
  });
}

/** Starts a program in the background, prints its process id and exits. File descriptor 3 is the log. */
const IN_BACKGROUND = '"$@" >&3 2>&3 3>&- & echo $!';

/**
 * Starts a server that writes to `log`. It is not a child of this process: a watcher or debugger that kills a process
 * tree (`nest start --watch`, nodemon, an editor) must not reach the database before the service has drained.
 *
 * @returns the server's process id
 */
export async function startServer(
  file: string,
  args: string[],
  user: ServerUser | undefined,
  log: number,
): Promise<number> {
  if (process.platform === 'win32') {
    const server = spawnServerProgram(file, args, user, ['ignore', log, log]);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(explainSpawnError(error, file)));
      server.once('spawn', resolve);
    });
    server.unref();
    return server.pid ?? 0;
  }
  const stdio: StdioOptions = ['ignore', 'pipe', log, log];
  const { output } = await finished(
    spawnServerProgram('/bin/sh', ['-c', IN_BACKGROUND, 'sh', file, ...args], user, stdio),
    file,
  );
  return Number(output);
}

/** Runs a program to its end. `output` has stdout and stderr. */
export async function run(
  file: string,
  args: string[],
  user: ServerUser | undefined,
): Promise<{ code: number | null; output: string }> {
  return finished(spawnServerProgram(file, args, user, ['ignore', 'pipe', 'pipe']), file);
}

async function finished(child: ChildProcess, file: string): Promise<{ code: number | null; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(explainSpawnError(error, file)));
    child.once('close', (code) => resolve({ code, output }));
  });
}

/**
 * ENOENT for an existing file means that its loader is missing: the binaries need glibc, which Alpine does not have.
 */
export function explainSpawnError(error: Error, file: string): EmbeddedPostgresError {
  const { code = error.message } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'its system libraries are missing: it is built for glibc' : code;
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL cannot be executed here (${why}): ${file}\n${SET_A_DATABASE}`,
    { cause: error },
  );
}
