import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { Principal } from '../../access/principal.js';
import { NO_ADDRESS, plainAddress } from './client-key.js';
import type { Refusal } from './malformed-requests.js';
import { inFlightOn, trackInFlight } from './requests-in-flight.js';

/** As nginx notes a request whose client did not wait for the answer; nobody is sent it. */
const CLIENT_GONE = 499;

/** What only some lines have. */
interface ExtraFields {
  aborted?: true;
  reason?: string;
}

/**
 * One line a request, exactly: when it is answered, when its client is gone before, or when it was no request in the end.
 * Never a query, body, header or token.
 */
export class AccessLog {
  constructor(private readonly logger: Logger) {}

  /** To be called before any hook that may answer. */
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

  /** A property of the connection, because a listener for the end of each request would cost more than the line. */
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
    // A socket remembers its peer's address when it is asked in time, and has none once it is closed.
    void socket.remoteAddress;
    return replies;
  }

  private finish(reply: FastifyReply): void {
    if (!this.remove(reply)) return;
    if (reply.raw.writableFinished) this.write(reply, reply.statusCode);
    else this.abandon(reply);
  }

  /** @returns false for a request that has its line */
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

  /** What was answered on the connection itself, which ends with it: no other answer reaches its client any more. */
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

/** Null for none, and for what a proxy passes on that is none. */
function loggedAddress(address: string | undefined): string | null {
  const plain = plainAddress(address);
  return plain === NO_ADDRESS ? null : plain;
}
