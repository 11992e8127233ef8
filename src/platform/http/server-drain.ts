import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { DrainTimes } from './drain-times.js';
import type { ErrorType } from './error-catalogue.js';
import { IndexedSet } from './indexed-set.js';
import { openConnections } from './open-connections.js';
import { requestId } from './request-id.js';
import { DEFAULT_HEADERS } from './response-headers.js';

/** Interval of the checks for idle connections. */
const IDLE_CHECK_MS = 100;

/** A connection without data for this time was opened in advance, as browsers do. */
const UNUSED_MS = 1000;

/** A turn of the event loop without events is shorter than this; the drain waits at most `QUIET_WITHIN_MS` for one. */
const QUIET_MS = 0.5;
const QUIET_WITHIN_MS = 1000;

/** Milliseconds that a client has to read its refusal at the end of the drain, before its connection is reset. */
const REFUSAL_TIMEOUT_MS = 250;

export interface DrainOptions extends DrainTimes {
  /** The response to requests that do not finish in time. */
  refusal: ErrorType;
  /** Called when the server no longer accepts connections. */
  onClosed?: () => void;
}

/**
 * Takes an HTTP server out of service without failed requests. During the delay, the server still accepts connections,
 * but every response closes its own, so that proxies and keep-alive clients move to another process. Then the server
 * stops listening and waits for the requests in flight.
 */
export class ServerDrain {
  private readonly connections: IndexedSet<Socket>;
  private readonly answers = new IndexedSet<ServerResponse>();
  /** Responses to requests that arrived while another one on the same connection was in flight. */
  private readonly pipelined = new WeakMap<Socket, Set<ServerResponse>>();
  private accepted = 0;
  private draining = false;

  /** @param server a server that does not listen yet, so that no connection is missed */
  constructor(private readonly server: Server) {
    this.connections = openConnections(server);
    server.on('connection', () => (this.accepted += 1));
    // Runs before the framework's own listener, which may answer synchronously.
    server.prependListener('request', ({ socket }, answer) => {
      this.answers.add(answer);
      if (!answer.socket) this.followPipelined(socket, answer);
      // `close` fires once; `on` saves the wrapper that `once` would create for each request.
      answer.on('close', () => this.answers.delete(answer));
      if (this.draining) answer.shouldKeepAlive = false;
    });
  }

  /** Number of requests without a complete response. */
  get requestsInFlight(): number {
    return this.answers.size;
  }

  /** Node does not emit `close` on a pipelined response when its connection closes. */
  private followPipelined(connection: Socket, answer: ServerResponse): void {
    const waiting = this.pipelined.get(connection) ?? this.followConnection(connection);
    waiting.add(answer);
    answer.on('close', () => waiting.delete(answer));
  }

  private followConnection(connection: Socket): Set<ServerResponse> {
    const waiting = new Set<ServerResponse>();
    this.pipelined.set(connection, waiting);
    connection.on('close', () => {
      for (const answer of waiting) this.answers.delete(answer);
    });
    return waiting;
  }

  /** @returns the number of connections that were cut when the time was over */
  async drain({ delayMs, totalMs, refusal, onClosed }: DrainOptions): Promise<number> {
    const end = performance.now() + totalMs;
    this.draining = true;
    for (const answer of this.answers.all()) answer.shouldKeepAlive = false;
    if (delayMs > 0) await sleep(delayMs);
    await this.waitForQuietTurn();
    const closed = once(this.server, 'close').then(() => true);
    // `close` of HTTP servers would cut connections whose response is still being read.
    NetServer.prototype.close.call(this.server);
    onClosed?.();
    const inTime = await this.closeIdleUntil(closed, end);
    return inTime ? 0 : this.closeRemaining(refusal, closed);
  }

  /**
   * Waits for a turn of the event loop in which no connection arrived, too short for one to arrive. Closing the port
   * resets the connections in the accept queue and loses their requests. (In a cluster the master keeps the port open.)
   */
  private async waitForQuietTurn(): Promise<void> {
    const end = performance.now() + QUIET_WITHIN_MS;
    for (let start = 0; start < end;) {
      const { accepted } = this;
      start = performance.now();
      await nextTurn();
      if (this.accepted === accepted && performance.now() - start < QUIET_MS) return;
    }
  }

  /** Waits for the server to close. Closes unused connections, and those whose last response began before the drain. */
  private async closeIdleUntil(closed: Promise<boolean>, end: number): Promise<boolean> {
    const start = performance.now();
    const sweep = (): void => {
      // Node treats a connection as idle once its response is written, although the client may not have read it.
      if (!this.answers.all().some(isBeingRead)) this.server.closeIdleConnections();
      if (performance.now() - start < UNUSED_MS) return;
      for (const connection of this.connections.all()) if (connection.bytesRead === 0) connection.destroy();
    };
    // Runs after pending data was read: a request may have arrived while the process was blocked.
    const sweeping = setInterval(() => setImmediate(sweep), IDLE_CHECK_MS);
    const timer = new AbortController();
    const late = sleep(Math.max(0, end - start), false, timer).catch(() => false);
    const inTime = await Promise.race([closed, late]);
    timer.abort();
    clearInterval(sweeping);
    return inTime;
  }

  private async closeRemaining(refusal: ErrorType, closed: Promise<boolean>): Promise<number> {
    const cut = this.connections.size;
    for (const answer of this.answers.all()) if (!answer.headersSent) refuse(answer, refusal);
    for (const connection of this.connections.all()) connection.destroySoon();
    await Promise.race([closed, sleep(REFUSAL_TIMEOUT_MS)]);
    // Connections of clients that do not read would stay open until their output is sent.
    for (const connection of this.connections.all()) connection.resetAndDestroy();
    return cut;
  }
}

/** Whether a response is completely written but not completely sent. */
function isBeingRead({ writableEnded, writableFinished }: ServerResponse): boolean {
  return writableEnded && !writableFinished;
}

function refuse(answer: ServerResponse, { status, detail, headers }: ErrorType): void {
  answer.writeHead(status, { ...DEFAULT_HEADERS, ...headers, 'x-request-id': requestId(answer.req) });
  answer.end(JSON.stringify({ detail }));
}
