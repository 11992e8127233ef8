/**
 * flood.mjs loads this module into the service (`--import`) to measure what a client cannot see. The message `begin`
 * discards the measurements, `end` sends those since `begin`. Hashing threads do not load it.
 */
import { lookup } from 'node:dns/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import pg from 'pg';

const LOOK_UP_EVERY_MS = 250;
const CONNECT_EVERY_MS = 1000;
/** The histogram includes the sleep between two samples. */
const RESOLUTION_MS = 5;

if (isMainThread && process.send) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let lookUps = [];
  let connections = [];
  setInterval(() => void timed(lookUps, () => lookup('localhost')), LOOK_UP_EVERY_MS).unref();
  setInterval(() => void timed(connections, connect), CONNECT_EVERY_MS).unref();
  process.on('message', (message) => {
    if (message === 'end') {
      const loopLag = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
      process.send({ loopLag, lookUps, connections });
    }
    delay.reset();
    lookUps = [];
    connections = [];
  });
  process.channel.unref();
}

async function timed(times, work) {
  const started = performance.now();
  try {
    await work();
    times.push(performance.now() - started);
  } catch {
    times.push(Number.POSITIVE_INFINITY);
  }
}

/** Connects by host name, like the service. */
async function connect() {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query('SELECT 1');
  await client.end();
}
