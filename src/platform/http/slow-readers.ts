import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { openConnections } from './open-connections.js';

/** Interval of the checks. */
const CHECK_INTERVAL_MS = 2000;

/** A client must take `PROGRESS_BYTES` within this time: 240 bytes per second, the minimum of ASP.NET's server. */
const TIMEOUT_MS = 30_000;
const PROGRESS_BYTES = 7200;

/** The counters that Node's own socket timeouts use. They are not public. */
interface Output {
  /** Bytes handed to the kernel or waiting for it. */
  bytesWritten: number;
  /** Bytes that the kernel has not taken yet. */
  writeQueueSize: number;
}

type Writing = Socket & { _handle?: Output | null };

interface Stall {
  since: number;
  /** Bytes that the kernel had taken at that time. */
  taken: number;
}

/**
 * Closes connections whose clients do not read their responses, or read them too slowly. Idle connections have no
 * output and are not affected. One timer serves all connections; a request costs nothing.
 */
export class SlowReaders {
  private stalls = new Map<Socket, Stall>();

  constructor(
    private readonly server: Server,
    /** Called for each connection that was closed. */
    private readonly onClosed: () => void,
  ) {}

  /** Checks all connections every two seconds until the server is closed. */
  start(): void {
    // Runs after pending output was sent, because the process itself may have been blocked.
    const sweeping = setInterval(() => setImmediate(() => this.check(performance.now())), CHECK_INTERVAL_MS).unref();
    this.server.once('close', () => clearInterval(sweeping));
  }

  /** @param now milliseconds of a monotonic clock */
  check(now: number): void {
    const stalls = new Map<Socket, Stall>();
    for (const connection of openConnections(this.server).all()) {
      const stall = stallOf(connection, this.stalls.get(connection), now);
      if (!stall) continue;
      if (now - stall.since < TIMEOUT_MS) stalls.set(connection, stall);
      else this.reset(connection);
    }
    this.stalls = stalls;
  }

  /** Resets the connection. Otherwise the kernel would keep the output and continue to send it. */
  private reset(connection: Socket): void {
    connection.resetAndDestroy();
    this.onClosed();
  }
}

function stallOf({ _handle: output }: Writing, before: Stall | undefined, now: number): Stall | undefined {
  if (!output || output.writeQueueSize === 0) return undefined;
  const taken = output.bytesWritten - output.writeQueueSize;
  return before && taken - before.taken < PROGRESS_BYTES ? before : { since: now, taken };
}
