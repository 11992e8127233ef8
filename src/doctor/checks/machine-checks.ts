import { endOfSupport, unsupportedNode } from '../../platform/config/node-support.js';
import type { Facts } from '../facts/facts.js';
import type { FolderFacts } from '../facts/folder-facts.js';
import { type Check, type Checks, fail, info, pass, type Verdict, warn } from './finding.js';

const GIGABYTE = 1024 ** 3;

/** What a worker takes under load, rounded up: 260 MB with 200 connections and a queue of hashes; 140 MB at rest. */
const WORKER_BYTES = 300 * 1024 ** 2;

/** Descriptors of a worker in addition to its MAX_CONNECTIONS: files and database sockets. */
const OTHER_FILES = 96;

/** What the service runs on. */
export const machineChecks: Checks = {
  node: ({ machine: { nodeVersion, now } }) => {
    const outdated = unsupportedNode(nodeVersion, now);
    if (outdated) return warn(outdated, 'Install Node.js 24.');
    const end = endOfSupport(nodeVersion);
    return pass(`Node.js ${nodeVersion}${end ? `, supported until ${end}` : ''}`);
  },

  'node-switches': ({ machine: { dangerousSwitches } }) =>
    dangerousSwitches.length === 0
      ? pass('Node.js runs without switches of debugging')
      : dangerousSwitches.map((found) =>
          fail(`${found} is set`, 'Remove it: it opens the process, or what it says to others, to strangers.'),
        ),

  account: ({ machine: { isRoot } }) =>
    isRoot
      ? warn(
          'this runs as root: whoever breaks into the service has the machine',
          'Run it as an account of its own, as deploy/ does.',
        )
      : pass('this account is not root'),

  workers,

  memory: ({ settings, machine: { memoryBytes } }) => {
    const { WORKERS } = settings.environment;
    const found = `${gigabytes(memoryBytes)} for ${WORKERS === 1 ? 'one worker' : `${WORKERS} workers`}`;
    return memoryBytes >= WORKERS * WORKER_BYTES
      ? pass(found)
      : warn(found, 'Reckon with 300 MB a worker: set WORKERS lower.');
  },

  'open-files': ({ settings, machine: { openFiles } }) => {
    if (openFiles === undefined) return undefined;
    if (openFiles >= settings.environment.MAX_CONNECTIONS + OTHER_FILES)
      return pass(`a process may open ${openFiles === Infinity ? 'any number of' : openFiles} files`);
    return warn(
      `a process may open ${openFiles} files, and every connection is one of them (MAX_CONNECTIONS=${settings.environment.MAX_CONNECTIONS})`,
      'Raise it to 65535: LimitNOFILE= of the systemd unit, or /etc/security/limits.conf. Or set MAX_CONNECTIONS lower.',
    );
  },

  'log-dir': ({ logs }) =>
    logs ? folder('LOG_DIR', logs) : info('LOG_DIR is not set: the log is what the process writes to stdout'),
  'data-dir': ({ data }) => (data ? folder('DATA_DIR', data) : undefined),
};

function workers({ settings, machine: { cores } }: Facts): Verdict {
  const { WORKERS, HASH_THREADS, DEBUG } = settings.environment;
  const has = cores === 1 ? 'one core' : `${cores} cores`;
  if (WORKERS > cores) {
    return warn(
      `WORKERS=${WORKERS} on ${has}: they take the cores from each other`,
      `Set WORKERS=${cores}; processes of Node.js do not wait as those of gunicorn do.`,
    );
  }
  if (HASH_THREADS * WORKERS > cores) {
    return warn(
      `HASH_THREADS=${HASH_THREADS} in ${WORKERS} workers on ${has}: hashes keep requests from being served`,
      'Set HASH_THREADS=0, which shares the cores.',
    );
  }
  if (WORKERS < cores && !DEBUG)
    return info(`WORKERS=${WORKERS} on ${has}`, `WORKERS=${cores} under PM2 (ecosystem.config.cjs) uses all of them.`);
  return pass(`WORKERS=${WORKERS} on ${has}`);
}

function folder(name: string, { path, exists, unwritable, freeBytes }: FolderFacts): ReturnType<Check> {
  if (unwritable)
    return fail(`${name} cannot be written: ${unwritable}`, `Give ${path} to the account of the service.`);
  const found = `${path}${exists ? '' : ', which will be made,'} can be written`;
  if (freeBytes === undefined) return pass(found);
  return spaceVerdict(`${found}, ${gigabytes(freeBytes)} free`, freeBytes);
}

export function spaceVerdict(found: string, freeBytes: number): Verdict {
  const remedy = 'Make room, or move it to a larger disk.';
  if (freeBytes < GIGABYTE / 10) return fail(found, remedy);
  return freeBytes < GIGABYTE ? warn(found, remedy) : pass(found);
}

export function gigabytes(bytes: number): string {
  return `${(bytes / GIGABYTE).toFixed(bytes < 10 * GIGABYTE ? 1 : 0)} GB`;
}
