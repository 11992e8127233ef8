import type { IncomingMessage } from 'node:http';
import { v7 as uuid } from 'uuid';

/** What a client may choose: nothing that could break a log line or a header (row A114). */
const ACCEPTABLE = /^[A-Za-z0-9._-]{1,64}$/;

/** The request's id: the client's `X-Request-ID` where it is acceptable, else a new UUIDv7 (RFC 9562 section 5.7). */
export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && ACCEPTABLE.test(given) ? given : uuid();
}
