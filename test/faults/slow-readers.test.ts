import { once } from 'node:events';
import net from 'node:net';
import { openConnections } from '../../src/platform/http/open-connections.js';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);

const BUNDLE = '/docs/swagger-ui-bundle.js';
/** A request; a few of its responses exceed the buffers of the kernel. */
const LARGE = `GET ${BUNDLE} HTTP/1.1\r\nHost: x\r\n\r\n`;
const SMALL = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';

describe('clients that do not read their responses', () => {
  let app: TestApp;
  const opened: net.Socket[] = [];

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(async () => {
    for (const socket of opened) socket.destroy();
    await app.stop();
  });

  async function connect(): Promise<net.Socket> {
    const { hostname, port } = new URL(app.url);
    const socket = net.connect(Number(port), hostname).on('error', () => undefined);
    opened.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  async function askAndPause(times: number): Promise<void> {
    const socket = await connect();
    socket.pause().write(LARGE.repeat(times));
  }

  /** Sends requests as long as the service reads them. */
  async function askWithoutEnd(): Promise<void> {
    const socket = await connect();
    const more = (error?: Error | null): void => void (error ?? socket.write(LARGE.repeat(100), more));
    socket.pause();
    more();
  }

  /** @returns a function that gives the number of bytes received so far */
  async function readSlowly(times: number): Promise<() => number> {
    const socket = await connect();
    let received = 0;
    socket.on('data', ({ length }) => {
      received += length;
      socket.pause();
      setTimeout(() => socket.resume(), 40);
    });
    socket.write(LARGE.repeat(times));
    return () => received;
  }

  it('are disconnected, unlike idle clients, slow readers and new requests', async () => {
    const { token } = await signedIn(app.url);
    const { headers } = await send(app.url, BUNDLE, { method: 'HEAD' });
    const connections = openConnections(app.nest.getHttpServer());
    let accepted = 0;
    app.nest.getHttpServer().on('connection', () => (accepted += 1));
    const idle = await connect();
    idle.write(SMALL);
    await once(idle, 'data');
    const received = await readSlowly(20);
    await Promise.all([askWithoutEnd(), ...Array.from({ length: 30 }, (_, index) => askAndPause(10 + 2 * index))]);
    await until(() => accepted === 33);
    let mostRead = 0;
    const statuses = new Set<number>();
    await until(async () => {
      for (const { bytesRead } of connections.all()) mostRead = Math.max(mostRead, bytesRead);
      const { size } = connections;
      statuses.add((await send(app.url, '/api/v1/users/me', { token })).status);
      return size === 2;
    });
    expect([...statuses]).toEqual([200]);
    // Node.js stops reading requests while output is unread; the client wrote everything that the kernel accepted.
    expect(mostRead).toBeLessThan(1_000_000);
    await until(() => received() > 20 * Number(headers['content-length']));
    idle.write(SMALL);
    await once(idle, 'data');
  });
});
