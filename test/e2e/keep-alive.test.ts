import { once } from 'node:events';
import net from 'node:net';
import { TestApp } from '../support/test-app.js';

const REQUEST = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';

describe('KEEP_ALIVE_SECONDS', () => {
  let app: TestApp;
  let socket: net.Socket;
  afterEach(async () => {
    socket.destroy();
    await app.stop();
  });

  /** The answer to a request on a new connection. */
  async function ask(): Promise<string> {
    const { hostname, port } = new URL(app.url);
    socket = net.connect(Number(port), hostname);
    socket.write(REQUEST);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString();
  }

  it('sets how long an idle connection is kept, and each answer shows it', async () => {
    app = await TestApp.start({ settings: { KEEP_ALIVE_SECONDS: '1' } });
    expect(await ask()).toMatch(/^keep-alive: timeout=1\r$/im);
    await once(socket, 'end');
  });

  it('may be longer than a cloud load balancer keeps connections', async () => {
    app = await TestApp.start({ settings: { KEEP_ALIVE_SECONDS: '620' } });
    expect(await ask()).toMatch(/^keep-alive: timeout=620\r$/im);
    expect(app.nest.getHttpServer().keepAliveTimeout).toBe(620_000);
  });

  it('is longer than nginx keeps connections by default', async () => {
    app = await TestApp.start();
    expect(await ask()).toMatch(/^keep-alive: timeout=72\r$/im);
    expect(app.nest.getHttpServer().keepAliveTimeout).toBe(72_000);
  });
});
