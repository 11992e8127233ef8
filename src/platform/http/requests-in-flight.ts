import type { Duplex } from 'node:stream';
import type { FastifyReply } from 'fastify';

const IN_FLIGHT = Symbol('requests in flight');

type Connection = Duplex & { [IN_FLIGHT]?: FastifyReply[] };

/** The replies in flight on a connection, oldest first. There are several if the client pipelines requests. */
export function inFlightOn(connection: Connection): FastifyReply[] | undefined {
  return connection[IN_FLIGHT];
}

/** Creates the list of a connection's replies in flight. The caller adds and removes them. */
export function trackInFlight(connection: Connection): FastifyReply[] {
  const replies: FastifyReply[] = [];
  connection[IN_FLIGHT] = replies;
  return replies;
}

/** The reply to the request whose body is incomplete: a parser error concerns this request. */
export function requestBeingReceived(connection: Duplex): FastifyReply | undefined {
  const latest = inFlightOn(connection)?.at(-1);
  return latest?.request.raw.complete === false ? latest : undefined;
}
