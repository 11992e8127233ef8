import { readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../platform/processes/process-identity.js';
import type { Binaries } from './binaries.js';
import { readPidFile, signalNow, stopPostmaster } from './postmaster.js';

/**
 * Stops the remaining processes of a server on `dataDirectory` that was not shut down, and removes its postmaster.pid,
 * which prevents a start if another process now has that id. Only the owner of the lock may call it.
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
    log(`Stopping the PostgreSQL that an earlier run left behind (process ${seen.pid}).`);
    await stopPostmaster(seen.pid, binaries);
  }
  // A back end in the middle of a statement does not notice that its postmaster was killed, and would block the next
  // start.
  for (const pid of servers ?? []) signalNow(pid, 'SIGKILL');
  while (servers?.some((pid) => isRunning(pid))) await sleep(5);
  rmSync(join(dataDirectory, 'postmaster.pid'), { force: true });
}

/** The processes with the executable `postgres` in this working directory. Undefined on platforms without /proc. */
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
