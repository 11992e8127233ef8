import { execFile } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import { promisify } from 'node:util';

export interface MachineFacts {
  now: Date;
  /** As in `process.versions.node`. */
  nodeVersion: string;
  isRoot: boolean;
  cores: number;
  /** The memory of the machine, or the limit of the container if that is lower. */
  memoryBytes: number;
  /** The limit on open files per process. Infinity without a limit, undefined if the system does not report it. */
  openFiles: number | undefined;
  /** Options of Node.js that a production process must not have, as `NAME=value`. */
  dangerousSwitches: string[];
}

/** Variables that are set for debugging and must not stay in production. */
const DANGEROUS: readonly [name: string, pattern: RegExp][] = [
  ['NODE_OPTIONS', /--inspect[\w-]*|--insecure-http-parser|--tls-min-v1\.[01]|--tls-cipher-list/],
  ['NODE_TLS_REJECT_UNAUTHORIZED', /^0$/],
  ['NODE_DEBUG', /.+/],
];

export async function gatherMachine(variables: NodeJS.ProcessEnv): Promise<MachineFacts> {
  return {
    now: new Date(),
    nodeVersion: process.versions.node,
    isRoot: process.getuid?.() === 0,
    cores: availableParallelism(),
    memoryBytes: memory(),
    openFiles: await openFiles(),
    dangerousSwitches: dangerousSwitches(variables),
  };
}

export function dangerousSwitches(variables: NodeJS.ProcessEnv): string[] {
  return DANGEROUS.flatMap(([name, pattern]) => {
    const [match] = pattern.exec(variables[name] ?? '') ?? [];
    return match === undefined ? [] : [`${name}=${match}`];
  });
}

/** Without a limit, `constrainedMemory` is 0 or far more than the machine has. */
function memory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Node.js raises its own limit to the hard limit at the start, and its child processes inherit it. */
async function openFiles(): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', 'ulimit -n']);
    return stdout.trim() === 'unlimited' ? Infinity : Number(stdout);
  } catch {
    return undefined;
  }
}
