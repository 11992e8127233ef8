import { once } from 'node:events';
import net from 'node:net';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

jest.setTimeout(90_000);

const CLIENTS = 500;

describe('clients that send their request slowly', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  /** Sends one byte per second of endless headers or of an announced body. */
  async function drip(index: number): Promise<net.Socket> {
    const { hostname, port } = new URL(app.url);
    const socket = net.connect(Number(port), hostname).on('error', () => undefined);
    await once(socket, 'connect');
    const start = 'POST /api/v1/auth/login-json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    socket.write(index % 2 === 0 ? `${start}X-Slow: ` : `${start}Content-Length: 5000\r\n\r\n`);
    const timer = setInterval(() => socket.write('a'), 1000);
    socket.resume().on('close', () => clearInterval(timer));
    return socket;
  }

  it(`are all disconnected, while others are served: ${CLIENTS} clients`, async () => {
    const { token } = await signedIn(app.url);
    const sockets = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => drip(index)));
    const started = process.hrtime.bigint();
    const statuses = new Set<number>();
    await until(async () => {
      statuses.add((await send(app.url, '/api/v1/users/me', { token })).status);
      return sockets.every(({ destroyed, readableEnded }) => destroyed || readableEnded);
    });
    expect([...statuses]).toEqual([200]);
    const seconds = Number((process.hrtime.bigint() - started) / 1_000_000_000n);
    // The limits are 15 s for headers and 25 s for the request, checked every 5 s. Twice that means a missing limit.
    expect(seconds).toBeLessThan(60);
  });
});
