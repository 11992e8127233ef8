import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { LogTarget } from './log-stream.js';

const STDOUT = 1;
/** Linux's PIPE_BUF: what is written to a pipe in one go comes out in one piece. */
const PIPE_BUF = 4096;

export const stdout: LogTarget = {
  name: 'stdout',
  atomicBytes: PIPE_BUF,
  write(bytes) {
    // In cluster mode PM2 puts a function of its own there: the descriptor would lead into PM2's own log.
    if (!Object.hasOwn(process.stdout, 'write')) return writeSync(STDOUT, bytes);
    process.stdout.write(bytes);
    return bytes.length;
  },
};

/** A file that several processes append to, each write in one piece (O_APPEND), and that logrotate may move away. */
export class LogFile implements LogTarget {
  readonly name: string;
  readonly atomicBytes = Infinity;
  private descriptor: number;

  /** @throws what the operating system has against the folder or the file */
  constructor(private readonly path: string) {
    this.name = basename(path);
    this.descriptor = open(path);
  }

  write(bytes: Uint8Array): number {
    return writeSync(this.descriptor, bytes);
  }

  /** Goes on in the file that has the name now. @throws as the constructor; then it goes on where it was */
  reopen(): void {
    const former = this.descriptor;
    this.descriptor = open(this.path);
    closeSync(former);
  }
}

function open(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  return openSync(path, 'a', 0o640);
}
