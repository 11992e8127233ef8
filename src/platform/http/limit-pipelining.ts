import { IncomingMessage, type Server } from 'node:http';
import { inFlightOn } from './requests-in-flight.js';

type Emit = (event: string | symbol, ...values: unknown[]) => boolean;

/** Maximum of requests in flight per connection. Browsers and proxies have one, clients that pipeline have a few. */
const MAX_WAITING = 20;

/**
 * Resets a connection when too many of its requests are in flight. Node still parses the data that it has read, up to
 * 64 KB; those requests are dropped before any listener sees them.
 *
 * @param onReset called for each connection that was reset
 */
export function limitPipelining(server: Server, onReset: () => void): void {
  const emit = server.emit.bind(server) as Emit;
  server.emit = (event, ...values: unknown[]) => {
    if (event === 'request' && values[0] instanceof IncomingMessage && isSurplus(values[0], onReset)) return true;
    return emit(event, ...values);
  };
}

function isSurplus({ socket }: IncomingMessage, onReset: () => void): boolean {
  if (socket.destroyed) return true;
  if ((inFlightOn(socket)?.length ?? 0) < MAX_WAITING) return false;
  socket.resetAndDestroy();
  onReset();
  return true;
}
