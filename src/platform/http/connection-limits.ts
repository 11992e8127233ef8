import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { clientKey } from './client-key.js';
import { widerNetworksOf } from './client-networks.js';

/** Connections that a process serves beyond its limit; the oldest makes room for a new one. */
const MAX_SPARE = 32;

export interface ConnectionBounds {
  /** Limit of a process. */
  total: number;
  /** Limit of a client: an IPv4 address or an IPv6 /64. Infinity if all clients come through a proxy. */
  perClient: number;
  /** Limit of an IPv6 /48, the largest network of one customer. Applies only if `perClient` is finite. */
  perNetwork: number;
}

/** Called with the bound that a new connection exceeds. */
export type RefusalListener = (bound: keyof ConnectionBounds) => void;

/**
 * Bounds the connections of a process, of each client and of each IPv6 /48. A connection beyond the limit of its client
 * or network is closed at once. A connection beyond the process's limit is spare: it gets a single response, so that
 * health probes are answered and other clients learn when to try again.
 */
export class ConnectionLimits {
  /** By client and by /48. */
  private readonly counts = new Map<string, number>();
  private admitted = 0;
  private readonly spare: Socket[] = [];

  /** @param server a server that does not listen yet */
  constructor(
    server: Server,
    private readonly bounds: ConnectionBounds,
    private readonly onRefused: RefusalListener,
  ) {
    server.on('connection', (connection) => this.check(connection));
    // Runs before the framework's own listener, which may answer synchronously.
    server.prependListener('request', ({ socket }, answer) => {
      if (this.isSpare(socket)) answer.shouldKeepAlive = false;
    });
  }

  /** Whether a connection is spare and gets one answer only. */
  isSpare(connection: Socket): boolean {
    return this.spare.length > 0 && this.spare.includes(connection);
  }

  private check(connection: Socket): void {
    const { perClient, perNetwork } = this.bounds;
    const client = perClient === Infinity ? undefined : clientKey(connection.remoteAddress);
    const site = client === undefined ? undefined : widerNetworksOf(client).at(-1)?.network;
    if (this.countOf(client) >= perClient) return this.refuse(connection, 'perClient');
    if (this.countOf(site) >= perNetwork) return this.refuse(connection, 'perNetwork');
    this.adjust(1, client, site);
    connection.on('close', () => this.adjust(-1, client, site));
    if (this.admitted > this.bounds.total) this.addSpare(connection);
  }

  private refuse(connection: Socket, bound: keyof ConnectionBounds): void {
    this.onRefused(bound);
    connection.destroy();
  }

  private countOf(key: string | undefined): number {
    return key === undefined ? 0 : (this.counts.get(key) ?? 0);
  }

  private adjust(by: 1 | -1, ...keys: (string | undefined)[]): void {
    this.admitted += by;
    for (const key of keys) {
      if (key === undefined) continue;
      const count = this.countOf(key) + by;
      if (count > 0) this.counts.set(key, count);
      else this.counts.delete(key);
    }
  }

  private addSpare(connection: Socket): void {
    this.onRefused('total');
    this.spare.push(connection);
    connection.on('close', () => {
      const index = this.spare.indexOf(connection);
      if (index >= 0) this.spare.splice(index, 1);
    });
    if (this.spare.length > MAX_SPARE) this.spare.shift()?.destroy();
  }
}
