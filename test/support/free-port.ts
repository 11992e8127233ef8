import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux gives to outgoing connections, with a range for each Jest worker. */
const FIRST_PORT = 10_000;
const PORTS_PER_WORKER = 5000;
const WORKERS = 4;

const first = FIRST_PORT + ((Number(process.env.JEST_WORKER_ID ?? 1) - 1) % WORKERS) * PORTS_PER_WORKER;
// Two runs on one machine start at different ports.
let offset = Math.floor(Math.random() * PORTS_PER_WORKER);

/** A free port on the loopback interface. No other call of the test run returns it soon. */
export async function freePort(): Promise<number> {
  for (;;) {
    offset = (offset + 1) % PORTS_PER_WORKER;
    const port = first + offset;
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
