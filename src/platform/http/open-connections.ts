import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { IndexedSet } from './indexed-set.js';

const connectionsByServer = new WeakMap<Server, IndexedSet<Socket>>();

/**
 * The open connections of a server. Call it before the server listens: connections accepted before the first call are
 * missing.
 */
export function openConnections(server: Server): IndexedSet<Socket> {
  const known = connectionsByServer.get(server);
  if (known) return known;
  const open = new IndexedSet<Socket>();
  connectionsByServer.set(server, open);
  server.on('connection', (connection: Socket) => {
    open.add(connection);
    connection.on('close', () => open.delete(connection));
  });
  return open;
}
