import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { v7 as uuid } from 'uuid';
import { AppError } from './app-error.js';
import { DEFAULT_HEADERS } from './response-headers.js';

const STATUS_OF_PARSER_ERROR: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What Node's parser refuses never becomes a request: answered on the socket, in the shape of every other error. */
export function refuseMalformed(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  refuseOnSocket(socket, STATUS_OF_PARSER_ERROR[error.code ?? ''] ?? 400);
}

function refuseOnSocket(socket: Duplex, status: number): void {
  const reason = STATUS_CODES[status] ?? '';
  const body = JSON.stringify({ detail: reason });
  const headers = { ...DEFAULT_HEADERS, 'x-request-id': uuid(), 'content-length': body.length, connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n${body}`);
}

/** Answers in our own shape what Node would let through, or answer in its own. */
export function installRequestChecks(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (hasOneHost(request.raw)) return done();
    reply.header('connection', 'close');
    done(new AppError('http.bad_host', 400, 'Bad Request'));
  });
  const { server } = fastify;
  // An expectation that we do not know may be ignored (RFC 9110 section 10.1.1); Node would answer a bare 417.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', refuseTunnel);
}

/** We are no proxy; Node would drop the connection without a word. From here on nobody else minds the socket. */
function refuseTunnel(_request: IncomingMessage, socket: Duplex): void {
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  refuseOnSocket(socket, 400);
}

/**
 * Exactly one Host line, which HTTP/1.0 alone may do without (RFC 9112 section 3.2). Several reach us joined by commas,
 * which no name of a host has.
 */
function hasOneHost({ headers: { host }, httpVersion }: IncomingMessage): boolean {
  return host === undefined ? httpVersion === '1.0' : !host.includes(',');
}
