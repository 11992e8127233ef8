import type { Duplex } from 'node:stream';
import type { FastifyReply } from 'fastify';

const IN_FLIGHT = Symbol('requests in flight');

type Connection = Duplex & { [IN_FLIGHT]?: FastifyReply[] };

/** The answers that a connection waits for, oldest first: of a client that pipelines, several. */
export function inFlightOn(connection: Connection): FastifyReply[] | undefined {
  return connection[IN_FLIGHT];
}

/** Begins to keep account of a connection's answers; whoever calls it also adds them and takes them out. */
export function trackInFlight(connection: Connection): FastifyReply[] {
  const replies: FastifyReply[] = [];
  connection[IN_FLIGHT] = replies;
  return replies;
}

/** The request whose body has not arrived whole: what a parser refuses then is a part of it. */
export function requestBeingReceived(connection: Duplex): FastifyReply | undefined {
  const latest = inFlightOn(connection)?.at(-1);
  return latest?.request.raw.complete === false ? latest : undefined;
}
