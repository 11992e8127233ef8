import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Listens on an address for a moment to find out whether that is possible.
 *
 * @throws the error of Node.js if it is not
 */
export async function probePort(host: string, port: number): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  server.listen({ host, port });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
