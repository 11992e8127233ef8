import type { Received } from './http-client.js';

/** Higher than any limit in the tests. */
const MOST_REQUESTS = 200;

export interface Refused<Body> {
  /** Number of requests before the refusal. */
  times: number;
  refusal: Received<Body>;
}

/** Sends requests until one is answered 429. */
export async function sendUntilRefused<Body>(one: () => Promise<Received<Body>>): Promise<Refused<Body>> {
  for (let times = 0; times <= MOST_REQUESTS; times += 1) {
    const answer = await one();
    if (answer.status === 429) return { times, refusal: answer };
  }
  throw new Error('the limit never refuses');
}
