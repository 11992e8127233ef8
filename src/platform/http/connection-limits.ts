import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { clientKey } from './client-key.js';

/** Connections that a process serves beyond its limit; the oldest makes room for a new one. */
const SPARE = 32;

export interface ConnectionBounds {
  /** Limit of a process. */
  total: number;
  /** Limit of a client: an IPv4 address or an IPv6 /64. Infinity if all clients come through a proxy. */
  perClient: number;
}

/** Called with the bound that a new connection exceeds. */
export type RefusalListener = (bound: keyof ConnectionBounds) => void;

/**
 * Bounds the connections of a process and of each client. A connection beyond the client's limit is closed at once. A
 * connection beyond the process's limit is spare: it gets a single answer, so that health probes are answered and other
 * clients learn when to try again.
 */
export class ConnectionLimits {
  private readonly byClient = new Map<string, number>();
  private admitted = 0;
  private readonly spare: Socket[] = [];

  /** @param server a server that does not listen yet */
  constructor(
    server: Server,
    private readonly bounds: ConnectionBounds,
    private readonly onRefused: RefusalListener,
  ) {
    server.on('connection', (connection) => this.judge(connection));
    // Before the framework's own listener, which may have answered when it returns.
    server.prependListener('request', ({ socket }, answer) => {
      if (this.isSpare(socket)) answer.shouldKeepAlive = false;
    });
  }

  /** Whether a connection is spare and gets one answer only. */
  isSpare(connection: Socket): boolean {
    return this.spare.length > 0 && this.spare.includes(connection);
  }

  private judge(connection: Socket): void {
    const client = this.bounds.perClient === Infinity ? '' : clientKey(connection.remoteAddress);
    const count = this.byClient.get(client) ?? 0;
    if (count >= this.bounds.perClient) {
      this.onRefused('perClient');
      connection.destroy();
      return;
    }
    this.byClient.set(client, count + 1);
    this.admitted += 1;
    connection.on('close', () => this.release(client));
    if (this.admitted > this.bounds.total) this.addSpare(connection);
  }

  private release(client: string): void {
    this.admitted -= 1;
    const count = this.byClient.get(client) ?? 0;
    if (count > 1) this.byClient.set(client, count - 1);
    else this.byClient.delete(client);
  }

  private addSpare(connection: Socket): void {
    this.onRefused('total');
    this.spare.push(connection);
    connection.on('close', () => {
      const place = this.spare.indexOf(connection);
      if (place >= 0) this.spare.splice(place, 1);
    });
    if (this.spare.length > SPARE) this.spare.shift()?.destroy();
  }
}
