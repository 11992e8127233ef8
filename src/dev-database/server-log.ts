import { closeSync, copyFileSync, fchownSync, fstatSync, ftruncateSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerUser } from './server-user.js';

/** The server's log file. The server writes to it directly, so it neither waits for this process nor depends on it. */
export interface ServerLog {
  file: string;
  /** Open for appending, for the stdout and stderr of the server. */
  descriptor: number;
  /** The current end of the file. */
  position(): number;
  /** The last lines written after `position`. */
  tail(position: number): string;
  close(): void;
}

const MAX_BYTES = 1024 * 1024;
const CHECK_INTERVAL_MS = 60_000;
const TAIL_LINES = 8;
const TAIL_BYTES = 4096;

export function openServerLog(folder: string, serverUser: ServerUser | undefined, maxBytes = MAX_BYTES): ServerLog {
  const file = join(folder, 'server.log');
  const descriptor = openForAppending(file);
  if (serverUser) fchownSync(descriptor, serverUser.uid, serverUser.gid);
  const size = () => fstatSync(descriptor).size;
  const limitSize = () => {
    if (size() <= maxBytes) return;
    copyFileSync(file, `${file}.1`);
    ftruncateSync(descriptor);
  };
  limitSize();
  const timer = setInterval(limitSize, CHECK_INTERVAL_MS);
  timer.unref();
  return {
    file,
    descriptor,
    position: size,
    tail: (position) => lastLines(readFrom(descriptor, Math.max(position, size() - TAIL_BYTES)), TAIL_LINES),
    close() {
      clearInterval(timer);
      closeSync(descriptor);
    },
  };
}

/** Replaces a log of another user, which cannot be written, after the service once ran as root. */
function openForAppending(file: string): number {
  try {
    return openSync(file, 'a+', 0o640);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    rmSync(file, { force: true });
    return openSync(file, 'a+', 0o640);
  }
}

function readFrom(descriptor: number, position: number): string {
  const buffer = Buffer.alloc(TAIL_BYTES);
  return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, TAIL_BYTES, position));
}

/** The last lines of a text, without blank ones. */
export function lastLines(text: string, count: number): string {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .join('\n');
}
