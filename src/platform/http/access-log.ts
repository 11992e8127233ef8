import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { Principal } from '../../access/principal.js';
import { NO_ADDRESS, plainAddress } from './client-key.js';
import type { Refusal } from './malformed-requests.js';
import { inFlightOn, trackInFlight } from './requests-in-flight.js';

/** nginx's status for a client that disconnected before the response. It appears in the log only. */
const CLIENT_GONE = 499;

/** Fields that only some lines have. */
interface ExtraFields {
  aborted?: true;
  reason?: string;
}

/**
 * Writes exactly one line per request: when it is answered, when its client disconnects before, or when the parser
 * rejects it. A line never contains a query, body, header or token.
 */
export class AccessLog {
  constructor(private readonly logger: Logger) {}

  /** Call it before any hook that may answer is added. */
  install(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (_request, reply, done) => {
      this.start(reply);
      done();
    });
    fastify.addHook('onResponse', (_request, reply, done) => {
      this.finish(reply);
      done();
    });
  }

  /** Keeps the replies on the connection: a close listener per request would cost more than the line itself. */
  private start(reply: FastifyReply): void {
    const { socket } = reply.request.raw;
    const replies = inFlightOn(socket) ?? this.watch(socket);
    replies.push(reply);
  }

  private watch(socket: Socket): FastifyReply[] {
    const replies = trackInFlight(socket);
    socket.once('close', () => {
      for (const reply of replies.splice(0)) this.abandon(reply);
    });
    // Reading the address makes the socket cache it; a closed socket has none.
    void socket.remoteAddress;
    return replies;
  }

  private finish(reply: FastifyReply): void {
    if (!this.remove(reply)) return;
    if (reply.raw.writableFinished) this.write(reply, reply.statusCode);
    else this.abandon(reply);
  }

  /** @returns false if the request already has its line */
  private remove(reply: FastifyReply): boolean {
    const replies = inFlightOn(reply.request.raw.socket) ?? [];
    const index = replies.indexOf(reply);
    if (index < 0) return false;
    if (replies.length === 1) replies.pop();
    else replies.splice(index, 1);
    return true;
  }

  private abandon(reply: FastifyReply): void {
    this.write(reply, reply.raw.headersSent ? reply.statusCode : CLIENT_GONE, { aborted: true });
  }

  /** Logs a refusal, which closes the connection: other requests on it are logged as aborted. */
  readonly writeRefused = ({ connection, requestId, status, reason, reply }: Refusal): void => {
    if (!reply) this.writeRefusal(requestId, status, reason, (connection as Socket).remoteAddress);
    else if (this.remove(reply)) this.write(reply, status, { reason });
    for (const other of inFlightOn(connection)?.splice(0) ?? []) this.abandon(other);
  };

  private writeRefusal(request_id: string, status: number, reason: string, address: string | undefined): void {
    const unknown = { method: null, route: null, status, duration_ms: null, user_id: null };
    this.logger.info({ request_id, ...unknown, client: loggedAddress(address), reason }, 'request');
  }

  private write(reply: FastifyReply, status: number, { aborted, reason }: ExtraFields = {}): void {
    const { request } = reply;
    this.logger.info(
      {
        request_id: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status,
        duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
        user_id: (request as { user?: Principal | null }).user?.user.id ?? null,
        client: loggedAddress(request.ip),
        aborted,
        reason,
      },
      'request',
    );
  }
}

/** Null for a missing address, and for a forwarded value that is not an address. */
function loggedAddress(address: string | undefined): string | null {
  const plain = plainAddress(address);
  return plain === NO_ADDRESS ? null : plain;
}
