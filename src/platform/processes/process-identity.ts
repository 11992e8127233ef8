import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Identifies a process, and distinguishes it from a later one with the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque start time, equal only for the same process; null if the system does not report it. */
  startedAt: string | null;
  /** Linux: the namespace of `pid` (each container has its own); '' elsewhere. */
  pidNamespace: string;
  /** Linux: changes with every boot of the kernel; '' elsewhere. */
  bootId: string;
  host: string;
}

export function identifyThisProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    startedAt: startTimeOf(process.pid) ?? null,
    pidNamespace: textOrEmpty(() => readlinkSync('/proc/self/ns/pid')),
    bootId: textOrEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()),
    host: hostname(),
  };
}

/**
 * Whether `other` still runs, as far as `self` can see. 'unseen': it runs in another pid namespace (another container
 * on the same volume, another machine on the same share), so its pid means nothing here.
 */
export function checkLiveness(other: ProcessIdentity, self: ProcessIdentity): 'alive' | 'dead' | 'unseen' {
  if (other.bootId === self.bootId && other.pidNamespace === self.pidNamespace) {
    return isRunning(other.pid, other.startedAt) ? 'alive' : 'dead';
  }
  return other.host === self.host && other.bootId !== self.bootId ? 'dead' : 'unseen';
}

/** Whether the process runs and, where start times are known, is the one that started then. A zombie does not run. */
export function isRunning(pid: number, startedAt: string | null = null): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // Only Linux shows whether a process is a zombie; elsewhere reading the start time needs another process.
  if (startedAt === null && process.platform !== 'linux') return true;
  const current = startTimeOf(pid);
  if (current === ZOMBIE) return false;
  return startedAt === null || current === undefined || current === startedAt;
}

const EXIT_CHECK_MS = 100;

/** Resolves when a process has ended, even if it is not a child. Does not keep this process running. */
export async function waitForExit(pid: number): Promise<void> {
  while (isRunning(pid)) await sleep(EXIT_CHECK_MS, undefined, { ref: false });
}

const ZOMBIE = 'zombie';

function startTimeOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return parseProcStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    if (process.platform === 'win32') return undefined;
    const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 2000 });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Field 22 of proc(5) `stat`, in clock ticks since boot. Counts from the last ')', because field 2 may contain spaces.
 */
export function parseProcStat(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? ZOMBIE : fields[19];
}

function textOrEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
