import { readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../platform/processes/process-identity.js';
import type { Binaries } from './binaries.js';
import { readPidFile, signalNow, stopPostmaster } from './postmaster.js';

/**
 * Clears the way for a new server on `dataDirectory` after one that was not stopped: ends what is left of it and removes its
 * postmaster.pid, which keeps a server from starting when another process has been given that number. For the lock's owner only.
 */
export async function clearOrphans(
  dataDirectory: string,
  binaries: Binaries,
  log: (line: string) => void,
): Promise<void> {
  const seen = readPidFile(dataDirectory);
  if (seen === undefined) return;
  const servers = serverProcessesOf(dataDirectory);
  if (isRunning(seen.pid) && (servers?.includes(seen.pid) ?? true)) {
    log(`Waiting for the PostgreSQL that an earlier run left behind (process ${seen.pid}) to stop.`);
    await stopPostmaster(seen.pid, binaries);
  }
  // A session in the middle of a statement does not notice that its postmaster was killed, and would hold up the next one.
  for (const pid of servers ?? []) signalNow(pid, 'SIGKILL');
  while (servers?.some((pid) => isRunning(pid))) await sleep(5);
  rmSync(join(dataDirectory, 'postmaster.pid'), { force: true });
}

/** By executable and working directory, which is the data directory for all of them. Undefined where /proc does not tell. */
function serverProcessesOf(dataDirectory: string): number[] | undefined {
  if (process.platform !== 'linux') return undefined;
  const directory = realpathSync(dataDirectory);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && linkOf(name, 'cwd') === directory)
    .filter((name) => /^postgres( \(deleted\))?$/.test(basename(linkOf(name, 'exe') ?? '')))
    .map(Number);
}

function linkOf(pid: string, name: 'cwd' | 'exe'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return undefined;
  }
}
