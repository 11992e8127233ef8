import type { FastifyInstance } from 'fastify';

/** UTF-16 code units of a header that the service reads; the rest is cut off. */
const MAX_HEADER_LENGTH = 1024;
/** Headers whose beginning is enough. All other headers are bounded where they are read. */
const TRUNCATED_HEADERS = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'origin',
  'user-agent',
] as const;

/** UTF-16 code units of an Authorization header, ten times those of an access token. */
export const MAX_AUTHORIZATION_LENGTH = 4096;

/** Cuts long headers. Call it before any hook that reads headers. */
export function installHeaderLimits(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ raw: { headers } }, _reply, done) => {
    for (const name of TRUNCATED_HEADERS) {
      const value = headers[name];
      if (value !== undefined && value.length > MAX_HEADER_LENGTH) headers[name] = value.slice(0, MAX_HEADER_LENGTH);
    }
    done();
  });
}
