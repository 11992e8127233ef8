import type { FastifyInstance } from 'fastify';

/** UTF-16 code units of a header that the service reads; what follows is cut off. */
const LONGEST_READ = 1024;
/** What is chosen, shown or compared by them is decided by their beginning; all others have a limit where they are read. */
const CUT = ['accept', 'accept-encoding', 'accept-language', 'content-type', 'origin', 'user-agent'] as const;

/** UTF-16 code units of an Authorization header. An access token takes a tenth of them. */
export const LONGEST_AUTHORIZATION = 4096;

/** Cuts long headers before anything reads them. To be called before any hook that does. */
export function installHeaderLimits(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ raw: { headers } }, _reply, done) => {
    for (const name of CUT) {
      const value = headers[name];
      if (value !== undefined && value.length > LONGEST_READ) headers[name] = value.slice(0, LONGEST_READ);
    }
    done();
  });
}
