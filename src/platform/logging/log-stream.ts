import { countLost } from './lost-lines.js';

/** Where bytes end up. */
export interface LogTarget {
  /** As operators know it: `stdout`, `access.log`. */
  readonly name: string;
  /** Writes of no more bytes are never mixed with those of another process. */
  readonly atomicBytes: number;
  /** @returns how many bytes were taken. @throws EAGAIN where none can be taken yet, anything else where it fails */
  write(bytes: Uint8Array): number;
}

/** What may wait for a reader that does not keep up, in characters: some seconds of a busy service. */
const MAX_BUFFERED = 8 << 20;
const RETRY_MS = 5;
/** Trouble is over once nothing was lost for so long: a disk at its brink fails and works by turns. */
const RECOVERY_MS = 10_000;
/** How long the end of the process waits for a reader that does not keep up. */
const FINISH_TIMEOUT_MS = 500;

const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);
const SLEEPER = new Int32Array(new SharedArrayBuffer(4));

const streams = new Set<LogStream>();

function finishAll(): void {
  for (const stream of streams) stream.finish();
}

/**
 * Writes the lines of one turn of the event loop in one go, and what is left when the process exits.
 *
 * It writes synchronously: asynchronous writes would wait for whatever else libuv's pool does, and get lost in an exit.
 * It never fails and never waits: what cannot be written is counted and told once on stderr, and requests go on
 * being served.
 */
export class LogStream {
  private lines = '';
  private pending = NOTHING;
  private flushing: NodeJS.Immediate | NodeJS.Timeout | undefined;
  private stalled = false;
  private withinLine = false;
  private lostAt: number | undefined;
  private lost = 0;

  constructor(private readonly target: LogTarget) {
    if (streams.size === 0) process.once('exit', finishAll);
    streams.add(this);
    // Known from the start, so that the first loss is an increase.
    countLost(target.name, 0);
  }

  /** @param line with its line end */
  write(line: string): void {
    if (this.lines.length + this.pending.length > MAX_BUFFERED) {
      this.countLoss(1, 'its reader does not keep up');
      return;
    }
    this.lines += line;
    this.flushing ??= setImmediate(this.onTick);
  }

  private readonly onTick = (): void => {
    this.flushing = undefined;
    this.drain();
  };

  /** Writes now what waits, unless the target has just said that it cannot take more. */
  flush(): void {
    if (!this.stalled) this.drain();
  }

  private drain(): void {
    this.stalled = false;
    try {
      while (this.pending.length > 0 || this.lines !== '') this.writeChunk();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') this.retry();
      else this.discardAll(message);
    }
  }

  private writeChunk(): void {
    if (this.pending.length === 0) {
      // Of a line that was cut off by a full disk nothing can be read; those after it must not suffer.
      this.pending = Buffer.from(this.withinLine ? `\n${this.lines}` : this.lines);
      this.lines = '';
    }
    const taken = this.target.write(this.nextChunk());
    if (taken > 0) this.withinLine = this.pending[taken - 1] !== NEWLINE;
    this.pending = this.pending.subarray(taken);
    this.reportRecovery();
  }

  /** As many whole lines as stay together. */
  private nextChunk(): Uint8Array {
    const { atomicBytes } = this.target;
    if (this.pending.length <= atomicBytes) return this.pending;
    const end = this.pending.lastIndexOf(NEWLINE, atomicBytes - 1) + 1;
    return this.pending.subarray(0, end === 0 ? atomicBytes : end);
  }

  private retry(): void {
    this.stalled = true;
    this.flushing ??= setTimeout(this.onTick, RETRY_MS).unref();
  }

  private discardAll(reason: string): void {
    let lines = this.pending[0] === NEWLINE ? -1 : 0;
    for (let at = this.pending.indexOf(NEWLINE); at >= 0; at = this.pending.indexOf(NEWLINE, at + 1)) lines += 1;
    this.pending = NOTHING;
    this.countLoss(lines, reason);
  }

  private countLoss(lines: number, reason: string): void {
    countLost(this.target.name, lines);
    this.lost += lines;
    if (this.lostAt === undefined) {
      writeToStderr(`Log lines are lost, requests are served on: ${this.target.name} cannot be written: ${reason}.`);
    }
    this.lostAt = performance.now();
  }

  private reportRecovery(): void {
    if (this.lostAt === undefined || performance.now() - this.lostAt < RECOVERY_MS) return;
    writeToStderr(`${this.target.name} is written again; ${this.lost} log lines were lost.`);
    this.lostAt = undefined;
    this.lost = 0;
  }

  /** Writes what waits before the process ends, for as long as it may. */
  finish(): void {
    const end = performance.now() + FINISH_TIMEOUT_MS;
    for (this.drain(); this.stalled && performance.now() < end; this.drain()) Atomics.wait(SLEEPER, 0, 0, RETRY_MS);
  }
}

/** To whoever watches the process, since the log is what fails. */
export function writeToStderr(message: string): void {
  process.stderr.write(`${message}\n`);
}
