import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { LogTarget } from './log-stream.js';

const STDOUT = 1;
/** Linux's PIPE_BUF: a write to a pipe of at most this size is atomic. */
const PIPE_BUF = 4096;

export const stdout: LogTarget = {
  name: 'stdout',
  atomicBytes: PIPE_BUF,
  write(bytes) {
    // In cluster mode PM2 replaces `write`; the descriptor would write to PM2's own log.
    if (!Object.hasOwn(process.stdout, 'write')) return writeSync(STDOUT, bytes);
    process.stdout.write(bytes);
    return bytes.length;
  },
};

/** A file that several processes append to with atomic writes (O_APPEND), and that logrotate may move. */
export class LogFile implements LogTarget {
  readonly name: string;
  readonly atomicBytes = Infinity;
  private descriptor: number;

  /** @throws the error of the operating system if the folder or the file cannot be opened */
  constructor(private readonly path: string) {
    this.name = basename(path);
    this.descriptor = open(path);
  }

  write(bytes: Uint8Array): number {
    return writeSync(this.descriptor, bytes);
  }

  /** Opens the path again. @throws as the constructor does; the old file then stays open */
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
