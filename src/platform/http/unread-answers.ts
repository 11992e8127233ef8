import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { openConnections } from './open-connections.js';

/** How often connections are looked at. */
const SWEEP_MS = 2000;

/** A client must take so much output within so long: 240 bytes a second, the minimum of ASP.NET's server. */
const PATIENCE_MS = 30_000;
const PROGRESS_BYTES = 7200;

/** What Node's own socket timeouts look at, and no public property tells. */
interface Output {
  /** Everything that was handed to the kernel or waits to be. */
  bytesWritten: number;
  /** What the kernel does not take at present. */
  writeQueueSize: number;
}

type Writing = Socket & { _handle?: Output | null };

interface Stall {
  since: number;
  /** What the kernel had taken by then. */
  taken: number;
}

/**
 * Closes connections whose clients do not read their answers, or read them so slowly that it comes to the same. Idle
 * connections have no output and are not affected. One timer for the server; nothing happens per request.
 */
export class UnreadAnswers {
  private stalls = new Map<Socket, Stall>();

  constructor(
    private readonly server: Server,
    /** Called for each connection that was closed. */
    private readonly onClosed: () => void,
  ) {}

  /** Looks at all connections every two seconds, until the server is closed. */
  watch(): void {
    // After what can be sent was sent: it may be the process that stood still.
    const sweeping = setInterval(() => setImmediate(() => this.sweep(performance.now())), SWEEP_MS).unref();
    this.server.once('close', () => clearInterval(sweeping));
  }

  /** @param now in milliseconds, of a clock that never goes back */
  sweep(now: number): void {
    const stalls = new Map<Socket, Stall>();
    for (const connection of openConnections(this.server).all()) {
      const stall = stallOf(connection, this.stalls.get(connection), now);
      if (!stall) continue;
      if (now - stall.since < PATIENCE_MS) stalls.set(connection, stall);
      else this.close(connection);
    }
    this.stalls = stalls;
  }

  /** With a reset, or the kernel would keep the output and go on offering it. */
  private close(connection: Socket): void {
    connection.resetAndDestroy();
    this.onClosed();
  }
}

function stallOf({ _handle: output }: Writing, before: Stall | undefined, now: number): Stall | undefined {
  if (!output || output.writeQueueSize === 0) return undefined;
  const taken = output.bytesWritten - output.writeQueueSize;
  return before && taken - before.taken < PROGRESS_BYTES ? before : { since: now, taken };
}
