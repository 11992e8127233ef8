import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { LiveObjects } from './live-objects.js';

const lists = new WeakMap<Server, LiveObjects<Socket>>();

/**
 * The open connections of a server. Call it before the server listens: connections accepted before the first call are
 * missing.
 */
export function openConnections(server: Server): LiveObjects<Socket> {
  const known = lists.get(server);
  if (known) return known;
  const open = new LiveObjects<Socket>();
  lists.set(server, open);
  server.on('connection', (connection: Socket) => {
    open.add(connection);
    connection.on('close', () => open.delete(connection));
  });
  return open;
}
