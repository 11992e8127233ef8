import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, waitForExit } from '../platform/processes/process-identity.js';
import { type Binaries, executable } from './binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import type { ServerLog } from './server-log.js';
import { run, startServer } from './server-process.js';
import type { ServerUser } from './server-user.js';

export interface Postmaster {
  pid: number;
  port: number;
  /** Settles when the process is gone. */
  gone: Promise<void>;
}

export interface PostmasterOptions {
  binaries: Binaries;
  dataDirectory: string;
  serverUser: ServerUser | undefined;
  settings: Readonly<Record<string, string>>;
  serverLog: ServerLog;
}

/** Enough for a recovery after a crash, which replays at most max_wal_size (1 GB). */
const START_TIMEOUT_MS = 120_000;
const FAST_STOP_MS = 10_000;
const IMMEDIATE_STOP_MS = 5_000;

/** Starts the server on `port`, or on a free one. Retries after a transient failure. */
export async function startPostmaster(options: PostmasterOptions, port?: number): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    const from = options.serverLog.position();
    const postmaster = await launch(options, port ?? (await findFreePort()));
    if (await isReady(postmaster, options.dataDirectory)) return postmaster;
    const tail = options.serverLog.tail(from);
    if (attempt < 20 && isTransientFailure(tail)) {
      await sleep(100);
      continue;
    }
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL did not start. The end of ${options.serverLog.file}:\n${tail}`,
    );
  }
}

/** Whether another program took the port, or the back ends of a killed postmaster have not stopped yet. */
export function isTransientFailure(logTail: string): boolean {
  return /could not bind|could not create any TCP\/IP sockets|pre-existing shared memory block/.test(logTail);
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  return address.port;
}

async function launch(
  { binaries, dataDirectory, serverUser, settings, serverLog }: PostmasterOptions,
  port: number,
): Promise<Postmaster> {
  const always = { port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: '' };
  const assignments = Object.entries({ ...settings, ...always }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const file = executable(binaries, 'postgres');
  const pid = await startServer(file, ['-D', dataDirectory, ...assignments], serverUser, serverLog.descriptor);
  return { pid, port, gone: waitForExit(pid) };
}

/** Resolves to true when the server accepts connections, and to false if the process has stopped. */
async function isReady(postmaster: Postmaster, dataDirectory: string): Promise<boolean> {
  let ended = false;
  void postmaster.gone.then(() => (ended = true));
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await sleep(5)) {
    if (ended) return false;
    const seen = readPidFile(dataDirectory);
    if (seen?.pid === postmaster.pid && seen.status === 'ready') return true;
  }
  process.kill(postmaster.pid, 'SIGKILL');
  throw new EmbeddedPostgresError(
    `The embedded PostgreSQL was not ready after ${START_TIMEOUT_MS / 1000} s (${dataDirectory}).`,
  );
}

/** Stops the server with a fast shutdown, or with SIGQUIT and SIGKILL if that takes too long. */
export async function stopPostmaster(pid: number, binaries: Binaries): Promise<void> {
  for (const [signal, patienceMs] of [
    ['INT', FAST_STOP_MS],
    ['QUIT', IMMEDIATE_STOP_MS],
    ['KILL', IMMEDIATE_STOP_MS],
  ] as const) {
    await signalPostmaster(pid, signal, binaries);
    for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(5)) if (!isRunning(pid)) return;
  }
  throw new EmbeddedPostgresError(`The embedded PostgreSQL (process ${pid}) cannot be stopped.`);
}

async function signalPostmaster(pid: number, signal: 'INT' | 'QUIT' | 'KILL', binaries: Binaries): Promise<void> {
  if (process.platform === 'win32') {
    await run(executable(binaries, 'pg_ctl'), ['kill', signal, String(pid)], undefined);
    return;
  }
  signalNow(pid, `SIG${signal}`);
}

/** Sends a signal without waiting, for a process that is about to exit. */
export function signalNow(pid: number, signal: NodeJS.Signals = 'SIGINT'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process is gone.
  }
}

/**
 * Reads postmaster.pid: line 1 is the process id, line 8 the padded status ("starting", "ready", "stopping"). Undefined
 * if the file is absent or incomplete.
 */
export function readPidFile(dataDirectory: string): { pid: number; status: string } | undefined {
  try {
    const lines = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 0 ? { pid, status: (lines[7] ?? '').trim() } : undefined;
  } catch {
    return undefined;
  }
}
