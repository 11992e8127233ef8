import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { v7 as uuid } from 'uuid';
import type { ErrorType } from './error-catalogue.js';
import { badHost, badRequest, headersTooLarge, requestTimeout } from './http.errors.js';
import { requestBeingReceived } from './requests-in-flight.js';
import { DEFAULT_HEADERS } from './response-headers.js';

/** An error response that was written to the socket directly, without Fastify. */
export interface Refusal {
  connection: Duplex;
  status: number;
  /** The id in the response. */
  requestId: string;
  /** The parser's error code, such as `HPE_INVALID_METHOD`. Contains nothing of the request. */
  reason: string;
  /** The reply to the request whose body was being received, if there was one. */
  reply: FastifyReply | undefined;
}

/** Called for every refusal. Fastify's hooks do not see them. */
export type RefusalListener = (refusal: Refusal) => void;

const ENDS_CHUNKED = /(?:^|,)\s*chunked$/i;

const PARSER_ERRORS: Readonly<Record<string, ErrorType>> = {
  HPE_HEADER_OVERFLOW: headersTooLarge,
  ERR_HTTP_REQUEST_TIMEOUT: requestTimeout,
};

/** Answers messages that Node's parser rejects, on the socket and in FastAPI's format. They never reach Fastify. */
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

/** Refuses requests that Node would accept or answer in its own format. */
export function installRequestChecks(fastify: FastifyInstance, onRefusal: RefusalListener): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (hasOneHost(request.raw) && hasPlainFraming(request.raw)) return done();
    reply.header('connection', 'close');
    done(hasOneHost(request.raw) ? badRequest() : badHost());
  });
  const { server } = fastify;
  // An unknown expectation may be ignored (RFC 9110 section 10.1.1). Node would answer a bare 417.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (_request, socket: Duplex) => onRefusal(refuseTunnel(socket)));
}

/** Refuses CONNECT: the service is not a proxy, and Node would drop the connection without a response. */
function refuseTunnel(socket: Duplex): Refusal {
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  return refuseOnSocket(socket, badRequest, 'CONNECT');
}

/**
 * Whether there is exactly one Host header; HTTP/1.0 may omit it (RFC 9112 section 3.2). Node joins several with
 * commas, which a host name cannot contain.
 */
function hasOneHost({ headers: { host }, httpVersion }: IncomingMessage): boolean {
  return host === undefined ? httpVersion === '1.0' : !host.includes(',');
}

/**
 * Whether the body uses no transfer coding but `chunked`, and none in HTTP/1.0. With any other coding, a proxy may see
 * a different end of the body (RFC 9112 section 6.1). Node's parser rejects codings that do not end with `chunked`.
 */
function hasPlainFraming({ headers: { 'transfer-encoding': coding = '' }, httpVersion }: IncomingMessage): boolean {
  return !ENDS_CHUNKED.test(coding) || (httpVersion !== '1.0' && coding.toLowerCase() === 'chunked');
}
