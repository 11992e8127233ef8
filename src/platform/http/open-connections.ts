import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { ObjectPool } from './live-objects.js';

const lists = new WeakMap<Server, ObjectPool<Socket>>();

/**
 * The open connections of a server. Call it before the server listens: connections accepted before the first call are
 * missing.
 */
export function openConnections(server: Server): ObjectPool<Socket> {
  const known = lists.get(server);
  if (known) return known;
  const open = new ObjectPool<Socket>();
  lists.set(server, open);
  server.on('connection', (connection: Socket) => {
    open.add(connection);
    connection.on('close', () => open.delete(connection));
  });
  return open;
}
