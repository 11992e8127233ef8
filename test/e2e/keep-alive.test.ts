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

  /** Sends a request on a new connection and returns the raw response. */
  async function ask(): Promise<string> {
    const { hostname, port } = new URL(app.url);
    socket = net.connect(Number(port), hostname);
    socket.write(REQUEST);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString();
  }

  it('sets how long an idle connection stays open, and each response states it', async () => {
    app = await TestApp.start({ settings: { KEEP_ALIVE_SECONDS: '1' } });
    expect(await ask()).toMatch(/^keep-alive: timeout=1\r$/im);
    await once(socket, 'end');
  });

  it('can exceed the idle timeout of a cloud load balancer', async () => {
    app = await TestApp.start({ settings: { KEEP_ALIVE_SECONDS: '620' } });
    expect(await ask()).toMatch(/^keep-alive: timeout=620\r$/im);
    expect(app.nest.getHttpServer().keepAliveTimeout).toBe(620_000);
  });

  it('exceeds the idle timeout of nginx by default', async () => {
    app = await TestApp.start();
    expect(await ask()).toMatch(/^keep-alive: timeout=72\r$/im);
    expect(app.nest.getHttpServer().keepAliveTimeout).toBe(72_000);
  });
});
