import type { FastifyInstance } from 'fastify';

/** Maximum length of a truncated header, in UTF-16 code units. */
const MAX_HEADER_LENGTH = 1024;
/** Headers that stay usable when they are truncated. All other headers are limited where they are read. */
const TRUNCATED_HEADERS = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'origin',
  'user-agent',
] as const;

/** Maximum length of an Authorization header, in UTF-16 code units: about ten times the length of an access token. */
export const MAX_AUTHORIZATION_LENGTH = 4096;

/** Truncates long headers. Must be installed before any hook that reads headers. */
export function installHeaderLimits(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ raw: { headers } }, _reply, done) => {
    for (const name of TRUNCATED_HEADERS) {
      const value = headers[name];
      if (value !== undefined && value.length > MAX_HEADER_LENGTH) headers[name] = value.slice(0, MAX_HEADER_LENGTH);
    }
    done();
  });
}
