import { endOfSupport, unsupportedNode } from '../../platform/config/node-support.js';
import type { Facts } from '../facts/facts.js';
import type { FolderFacts } from '../facts/folder-facts.js';
import { type Check, type Checks, fail, info, pass, type Verdict, warn } from './finding.js';

const GIGABYTE = 1024 ** 3;

/** The memory of a worker under load: 260 MB with 200 connections and a full hash queue, rounded up. Idle: 140 MB. */
const WORKER_BYTES = 300 * 1024 ** 2;

/** File descriptors of a worker in addition to MAX_CONNECTIONS: files and database sockets. */
const OTHER_FILES = 96;

/** Checks of the machine and its folders. */
export const machineChecks: Checks = {
  node: ({ machine: { nodeVersion, now } }) => {
    const outdated = unsupportedNode(nodeVersion, now);
    if (outdated) return warn(outdated, 'Install Node.js 24.');
    const end = endOfSupport(nodeVersion);
    return pass(`Node.js ${nodeVersion}${end ? `, supported until ${end}` : ''}`);
  },

  'node-switches': ({ machine: { dangerousSwitches } }) =>
    dangerousSwitches.length === 0
      ? pass('Node.js runs without debugging options')
      : dangerousSwitches.map((found) =>
          fail(`${found} is set`, 'Remove it: it exposes the process or weakens its connections.'),
        ),

  account: ({ machine: { isRoot } }) =>
    isRoot
      ? warn(
          'the service runs as root: a compromised service gives access to the whole machine',
          'Run it under a separate account, as deploy/ does.',
        )
      : pass('the account is not root'),

  workers,

  memory: ({ settings, machine: { memoryBytes } }) => {
    const { WORKERS } = settings.environment;
    const found = `${gigabytes(memoryBytes)} for ${WORKERS === 1 ? 'one worker' : `${WORKERS} workers`}`;
    return memoryBytes >= WORKERS * WORKER_BYTES ? pass(found) : warn(found, 'Reduce WORKERS: each needs 300 MB.');
  },

  'open-files': ({ settings, machine: { openFiles } }) => {
    if (openFiles === undefined) return undefined;
    if (openFiles >= settings.environment.MAX_CONNECTIONS + OTHER_FILES)
      return pass(`a process may open ${openFiles === Infinity ? 'any number of' : openFiles} files`);
    return warn(
      `a process may open ${openFiles} files, including one per connection (MAX_CONNECTIONS=${settings.environment.MAX_CONNECTIONS})`,
      'Raise the limit to 65535 (LimitNOFILE= in the systemd unit, or /etc/security/limits.conf), or reduce MAX_CONNECTIONS.',
    );
  },

  'log-dir': ({ logs }) => (logs ? folder('LOG_DIR', logs) : info('LOG_DIR is not set: the log goes to stdout')),
  'data-dir': ({ data }) => (data ? folder('DATA_DIR', data) : undefined),
};

function workers({ settings, machine: { cores } }: Facts): Verdict {
  const { WORKERS, HASH_THREADS, DEBUG } = settings.environment;
  const coreCount = cores === 1 ? 'one core' : `${cores} cores`;
  if (WORKERS > cores) {
    return warn(
      `WORKERS=${WORKERS} on ${coreCount}: they compete for the cores`,
      `Set WORKERS=${cores}: unlike gunicorn workers, Node.js processes do not block on I/O.`,
    );
  }
  if (HASH_THREADS * WORKERS > cores) {
    return warn(
      `HASH_THREADS=${HASH_THREADS} in ${WORKERS} workers on ${coreCount}: hashes delay other requests`,
      'Set HASH_THREADS=0, which divides the cores among the workers.',
    );
  }
  if (WORKERS < cores && !DEBUG)
    return info(
      `WORKERS=${WORKERS} on ${coreCount}`,
      `WORKERS=${cores} under PM2 (ecosystem.config.cjs) uses all of them.`,
    );
  return pass(`WORKERS=${WORKERS} on ${coreCount}`);
}

function folder(name: string, { path, exists, unwritable, freeBytes }: FolderFacts): ReturnType<Check> {
  if (unwritable)
    return fail(`${name} cannot be written: ${unwritable}`, `Make the service's account the owner of ${path}.`);
  const found = `${path}${exists ? '' : ', which will be created,'} can be written`;
  if (freeBytes === undefined) return pass(found);
  return spaceVerdict(`${found}, ${gigabytes(freeBytes)} free`, freeBytes);
}

export function spaceVerdict(found: string, freeBytes: number): Verdict {
  const remedy = 'Free disk space, or move the folder to a larger disk.';
  if (freeBytes < GIGABYTE / 10) return fail(found, remedy);
  return freeBytes < GIGABYTE ? warn(found, remedy) : pass(found);
}

export function gigabytes(bytes: number): string {
  return `${(bytes / GIGABYTE).toFixed(bytes < 10 * GIGABYTE ? 1 : 0)} GB`;
}
