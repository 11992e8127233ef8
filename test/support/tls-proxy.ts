import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';

/** A proxy that forwards plain TCP connections to a TLS server and verifies its certificate. */
export class TlsProxy {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(target: ConnectionOptions): Promise<TlsProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const proxy = new TlsProxy(server, `http://127.0.0.1:${port}`);
    server.on('connection', (near) => proxy.join(near, connect(target)));
    return proxy;
  }

  private join(near: Socket, far: Socket): void {
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => {
        near.destroy();
        far.destroy();
      });
    }
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}
