import { execFile } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import { promisify } from 'node:util';

export interface MachineFacts {
  now: Date;
  /** As in `process.versions.node`. */
  nodeVersion: string;
  isRoot: boolean;
  cores: number;
  /** Of the machine, or of the container's limit when that is less. */
  memoryBytes: number;
  /** Open files that a process may have; undefined where the system does not tell, Infinity for no limit. */
  openFiles: number | undefined;
  /** Switches of Node.js that a production process must not have, as they were found. */
  dangerousSwitches: string[];
}

/** What `variables` may hold for a day of debugging, and is then forgotten. */
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

/** `constrainedMemory` is 0, or far more than there is, where nothing constrains. */
function memory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** Node.js raises its own limit to the hard one at its start; what it starts inherits that. */
async function openFiles(): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', 'ulimit -n']);
    return stdout.trim() === 'unlimited' ? Infinity : Number(stdout);
  } catch {
    return undefined;
  }
}
