import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { v7 as uuid } from 'uuid';
import type { ErrorType } from './error-catalogue.js';
import { badHost, badRequest, headersTooLarge, requestTimeout } from './http.errors.js';
import { requestBeingReceived } from './requests-in-flight.js';
import { DEFAULT_HEADERS } from './response-headers.js';

/** An answer that was written on the connection itself, around Fastify. */
export interface Refusal {
  connection: Duplex;
  status: number;
  /** As the answer carries it. */
  requestId: string;
  /** What the parser found: `HPE_INVALID_METHOD`. Nothing of what was sent. */
  reason: string;
  /** The answer of the request whose body it was, if one had begun. */
  reply: FastifyReply | undefined;
}

/** Told of every refusal; nothing else knows of them. */
export type RefusalListener = (refusal: Refusal) => void;

const ENDS_CHUNKED = /(?:^|,)\s*chunked$/i;

const PARSER_ERRORS: Readonly<Record<string, ErrorType>> = {
  HPE_HEADER_OVERFLOW: headersTooLarge,
  ERR_HTTP_REQUEST_TIMEOUT: requestTimeout,
};

/** What Node's parser refuses never becomes a request: answered on the socket, in the shape for who asks for no other. */
export function createClientErrorHandler(onRefusal: RefusalListener) {
  return (error: Error & { code?: string }, socket: Duplex): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const { code = error.name } = error;
    onRefusal(refuseOnSocket(socket, PARSER_ERRORS[code] ?? badRequest, code));
  };
}

function refuseOnSocket(connection: Duplex, { status, detail }: ErrorType, reason: string): Refusal {
  const reply = requestBeingReceived(connection);
  const requestId = reply?.request.id ?? uuid();
  const body = JSON.stringify({ detail });
  const headers = { ...DEFAULT_HEADERS, 'x-request-id': requestId, 'content-length': body.length, connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  connection.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  return { connection, status, requestId, reason, reply };
}

/** Answers in our own shape what Node would let through, or answer in its own. */
export function installRequestChecks(fastify: FastifyInstance, onRefusal: RefusalListener): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (hasOneHost(request.raw) && hasPlainFraming(request.raw)) return done();
    reply.header('connection', 'close');
    done(hasOneHost(request.raw) ? badRequest() : badHost());
  });
  const { server } = fastify;
  // An expectation that we do not know may be ignored (RFC 9110 section 10.1.1); Node would answer a bare 417.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (_request, socket: Duplex) => onRefusal(refuseTunnel(socket)));
}

/** We are no proxy; Node would drop the connection without a word. From here on nobody else minds the socket. */
function refuseTunnel(socket: Duplex): Refusal {
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  return refuseOnSocket(socket, badRequest, 'CONNECT');
}

/**
 * Exactly one Host line, which HTTP/1.0 alone may do without (RFC 9112 section 3.2). Several reach us joined by commas,
 * which no name of a host has.
 */
function hasOneHost({ headers: { host }, httpVersion }: IncomingMessage): boolean {
  return host === undefined ? httpVersion === '1.0' : !host.includes(',');
}

/**
 * Chunked is the one transfer coding that is undone here, and HTTP/1.0 has none: a proxy in front may see another end of
 * such a body (RFC 9112 section 6.1). Codings that do not end with it Node's parser refuses by itself.
 */
function hasPlainFraming({ headers: { 'transfer-encoding': coding = '' }, httpVersion }: IncomingMessage): boolean {
  return !ENDS_CHUNKED.test(coding) || (httpVersion !== '1.0' && coding.toLowerCase() === 'chunked');
}
