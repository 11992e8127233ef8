/** Loads one URL with autocannon in a separate process and prints the result as JSON. Argument: the options as JSON. */
import autocannon from 'autocannon';

const { tokens, ...options } = JSON.parse(process.argv[2]);
let client = 0;
const result = await autocannon({
  ...options,
  // Each connection uses another user's token, so that look-ups read different rows.
  setupClient:
    tokens && ((connection) => connection.setHeaders({ authorization: `Bearer ${tokens[client++ % tokens.length]}` })),
});
const { requests, latency, non2xx, errors, timeouts } = result;
console.log(
  JSON.stringify({ perSecond: requests.average, p50: latency.p50, p99: latency.p99, non2xx, errors, timeouts }),
);
