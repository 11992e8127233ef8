import { countLost } from './lost-lines.js';

/** The destination of a log stream. */
export interface LogTarget {
  /** Name for operators: `stdout`, `access.log`. */
  readonly name: string;
  /** Writes of at most this size are never mixed with writes of another process. */
  readonly atomicBytes: number;
  /** @returns the number of bytes written. @throws EAGAIN if the reader does not keep up, any other code on failure */
  write(bytes: Uint8Array): number;
}

/** Characters that are buffered for a slow reader: the output of a busy service for some seconds. */
const MAX_BUFFERED = 8 << 20;
const RETRY_MS = 5;
/** Time without losses after which a failure is over: a nearly full disk fails and works alternately. */
const RECOVERY_MS = 10_000;
/** Time that an exiting process waits for a slow reader. */
const FINISH_TIMEOUT_MS = 500;

const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);
const SLEEPER = new Int32Array(new SharedArrayBuffer(4));

const streams = new Set<LogStream>();

function finishAll(): void {
  for (const stream of streams) stream.finish();
}

/**
 * A stream that writes the lines of one turn of the event loop at once, and the remaining lines when the process exits.
 *
 * It writes synchronously: asynchronous writes would queue in libuv's thread pool and be lost on exit. It never fails
 * and never blocks a request: lines that cannot be written are counted, and the failure is reported once on stderr.
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
    // Initialized with 0, so that Prometheus sees the first loss as an increase.
    countLost(target.name, 0);
  }

  /** @param line including its newline */
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

  /** Writes the buffered lines now, unless the stream is waiting for a slow reader. */
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
      // A full disk may have cut a line off; the next line must not be appended to it.
      this.pending = Buffer.from(this.withinLine ? `\n${this.lines}` : this.lines);
      this.lines = '';
    }
    const taken = this.target.write(this.nextChunk());
    if (taken > 0) this.withinLine = this.pending[taken - 1] !== NEWLINE;
    this.pending = this.pending.subarray(taken);
    this.reportRecovery();
  }

  /** The whole lines that fit into one atomic write, or a piece of a line that is longer. */
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
      writeToStderr(`Log lines are lost: ${this.target.name} cannot be written: ${reason}. Requests are still served.`);
    }
    this.lostAt = performance.now();
  }

  private reportRecovery(): void {
    if (this.lostAt === undefined || performance.now() - this.lostAt < RECOVERY_MS) return;
    writeToStderr(`${this.target.name} can be written again; ${this.lost} log lines were lost.`);
    this.lostAt = undefined;
    this.lost = 0;
  }

  /** Writes the buffered lines before the process ends, within `FINISH_TIMEOUT_MS`. */
  finish(): void {
    const end = performance.now() + FINISH_TIMEOUT_MS;
    for (this.drain(); this.stalled && performance.now() < end; this.drain()) Atomics.wait(SLEEPER, 0, 0, RETRY_MS);
  }
}

/** Reports a failure of the log itself. */
export function writeToStderr(message: string): void {
  process.stderr.write(`${message}\n`);
}
