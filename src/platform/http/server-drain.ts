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

/** How often connections that wait for nothing are looked for. */
const IDLE_CHECK_MS = 100;

/** A client that has opened a connection and sent nothing for so long has opened it to have one (browsers do). */
const UNUSED_MS = 1000;

/** A turn of the event loop in which nothing happens takes less; how long one is waited for. */
const QUIET_MS = 0.5;
const QUIET_WITHIN_MS = 1000;

/** Milliseconds that a client has to read its refusal at the end of the drain, before its connection is reset. */
const REFUSAL_TIMEOUT_MS = 250;

export interface DrainOptions extends DrainTimes {
  /** What a request is answered whose time is over. */
  refusal: ErrorType;
  /** Called once nothing is accepted any more. */
  onClosed?: () => void;
}

/**
 * Takes an HTTP server out of service without a client noticing. First every answer closes its connection
 * while new ones are still accepted, so that proxies and keep-alive clients turn to another process by themselves; then
 * nothing is accepted any more; then what is left of the time belongs to the requests in flight.
 */
export class ServerDrain {
  private readonly connections: IndexedSet<Socket>;
  private readonly answers = new IndexedSet<ServerResponse>();
  /** Those that came while their connection waited for another answer. */
  private readonly pipelined = new WeakMap<Socket, Set<ServerResponse>>();
  private accepted = 0;
  private draining = false;

  /** @param server one that does not listen yet: of older connections it would not know */
  constructor(private readonly server: Server) {
    this.connections = openConnections(server);
    server.on('connection', () => (this.accepted += 1));
    // Before the framework's own listener, which may have answered when it returns.
    server.prependListener('request', ({ socket }, answer) => {
      this.answers.add(answer);
      if (!answer.socket) this.followPipelined(socket, answer);
      // It closes once; `once` would cost each request a wrapper, and its removal.
      answer.on('close', () => this.answers.delete(answer));
      if (this.draining) answer.shouldKeepAlive = false;
    });
  }

  /** Requests that have no complete answer yet. */
  get requestsInFlight(): number {
    return this.answers.size;
  }

  /** An answer that waits for another is not told when its connection closes. */
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

  /** @returns how many connections had to be cut, because the time was over */
  async drain({ delayMs, totalMs, refusal, onClosed }: DrainOptions): Promise<number> {
    const end = performance.now() + totalMs;
    this.draining = true;
    for (const answer of this.answers.all()) answer.shouldKeepAlive = false;
    if (delayMs > 0) await sleep(delayMs);
    await this.waitForQuietTurn();
    const closed = once(this.server, 'close').then(() => true);
    // Not `close` of HTTP servers, which cuts connections whose answer is still being read.
    NetServer.prototype.close.call(this.server);
    onClosed?.();
    const inTime = await this.closeIdleUntil(closed, end);
    return inTime ? 0 : this.closeRemaining(refusal, closed);
  }

  /**
   * Closing the port resets the connections that wait there to be accepted, and with them what was sent. So it is closed at
   * the end of a turn of the event loop that found none and was too short for another to come. (In a cluster the master
   * keeps the port open, and nothing waits here.)
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

  /** Meanwhile closes what no request is on: idle connections whose last answer had begun before the drain, unused ones. */
  private async closeIdleUntil(closed: Promise<boolean>, end: number): Promise<boolean> {
    const start = performance.now();
    const sweep = (): void => {
      // Node treats a connection as idle once its answer is written, although the client may not have read it.
      if (!this.answers.all().some(isBeingRead)) this.server.closeIdleConnections();
      if (performance.now() - start < UNUSED_MS) return;
      for (const connection of this.connections.all()) if (connection.bytesRead === 0) connection.destroy();
    };
    // Once all that has come is read: what was sent while the process stood still is no idle connection.
    const sweeping = setInterval(() => setImmediate(sweep), IDLE_CHECK_MS);
    const patience = new AbortController();
    const late = sleep(Math.max(0, end - start), false, patience).catch(() => false);
    const inTime = await Promise.race([closed, late]);
    patience.abort();
    clearInterval(sweeping);
    return inTime;
  }

  private async closeRemaining(refusal: ErrorType, closed: Promise<boolean>): Promise<number> {
    const cut = this.connections.size;
    for (const answer of this.answers.all()) if (!answer.headersSent) refuse(answer, refusal);
    for (const connection of this.connections.all()) connection.destroySoon();
    await Promise.race([closed, sleep(REFUSAL_TIMEOUT_MS)]);
    // Connections of clients that read nothing would wait for their output to be sent.
    for (const connection of this.connections.all()) connection.resetAndDestroy();
    return cut;
  }
}

/** Whether an answer is completely written but not completely sent. */
function isBeingRead({ writableEnded, writableFinished }: ServerResponse): boolean {
  return writableEnded && !writableFinished;
}

function refuse(answer: ServerResponse, { status, detail, headers }: ErrorType): void {
  answer.writeHead(status, { ...DEFAULT_HEADERS, ...headers, 'x-request-id': requestId(answer.req) });
  answer.end(JSON.stringify({ detail }));
}
