import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** A server behind a proxy in a test: it records requests and returns their method and URL. */
export class EchoUpstream {
  /** Complete requests, in order of arrival. */
  readonly arrived: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[] = [];
  /** Number of accepted connections. */
  connections = 0;
  private readonly sockets = new Set<Duplex>();

  private constructor(private readonly server: http.Server) {
    server.on('connection', (socket) => {
      this.connections += 1;
      this.sockets.add(socket);
    });
    server.on('request', (request, response) => {
      const { method, url, headers } = request;
      this.arrived.push({ method, url, headers });
      if (url === '/dies-once' && this.times(url) === 1) return request.socket.destroy();
      if (url === '/dies') return request.socket.destroy();
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ method, url }));
    });
    server.on('upgrade', (request, socket) => {
      this.arrived.push({ method: request.method, url: request.url, headers: request.headers });
      socket.on('error', () => socket.destroy());
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.pipe(socket);
    });
  }

  static async start(): Promise<EchoUpstream> {
    const server = http.createServer({ keepAliveTimeout: 72_000 }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new EchoUpstream(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The number of requests for this path. */
  times(url: string): number {
    return this.arrived.filter((request) => request.url === url).length;
  }

  /** Stops listening and closes all connections. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }
}
