import type { Caller } from '../../src/platform/http/caller.js';

/** Who waits for an answer, without a request. */
export function callerFrom(client: string, signal: AbortSignal = new AbortController().signal): Caller {
  return { client, signal, address: client, userAgent: null, languages: null, requestId: 'request' };
}
