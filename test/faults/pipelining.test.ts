import { once } from 'node:events';
import net from 'node:net';
import { openConnections } from '../../src/platform/http/open-connections.js';
import { ServerDrain } from '../../src/platform/http/server-drain.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { send } from '../support/http-client.js';
import { parseLines } from '../support/log-lines.js';
import { sendRaw } from '../support/raw-http.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const PATHS = ['/docs/errors', '/account/reset-password', '/api/v1/users/me', '/health/live', '/nowhere'];
/** About as many requests as Node.js parses from a connection before it handles other events. */
const BURST = 1600;

const requests = (path: string, times: number): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(times);

describe('a client that pipelines', () => {
  let app: TestApp;
  let lines: string[];

  beforeEach(async () => {
    const log = collectingLogger();
    ({ lines } = log);
    app = await TestApp.start({ logger: log.logger });
  });
  afterEach(() => app.stop());

  const answered = (): number => parseLines(lines).filter(({ msg }) => msg === 'request').length;

  /** Resolves once both sides have closed the connection. */
  async function burst(path: string): Promise<void> {
    const socket = net.connect(Number(new URL(app.url).port), '127.0.0.1').on('error', () => undefined);
    socket.write(requests(path, BURST));
    socket.resume();
    await until(() => socket.destroyed && openConnections(app.nest.getHttpServer()).size === 0);
  }

  it.each(PATHS)('is disconnected if it sends too many requests for %s, and other clients are served', async (path) => {
    await burst(path);
    expect(answered()).toBeLessThan(30);
    expect((await send(app.url, '/health')).status).toBe(200);
    await until(() =>
      parseLines(lines).some(({ level, msg }) => level === 40 && msg?.includes('pipeline too many requests')),
    );
  });

  it('leaves no request in flight when it is disconnected', async () => {
    const drain = new ServerDrain(app.nest.getHttpServer());
    await burst('/docs/errors');
    expect(drain.requestsInFlight).toBe(0);
  });

  it.each(PATHS)('gets responses to ten requests for %s', async (path) => {
    const { status } = await send(app.url, path);
    const { answers, closed } = await sendRaw(app.url, requests(path, 10), { expected: 10 });
    expect(answers.map((answer) => answer.status)).toEqual(Array<number>(10).fill(status));
    expect(closed).toBe(false);
  });

  it('may send any number of requests on one connection if it waits for the responses', async () => {
    const socket = net.connect(Number(new URL(app.url).port), '127.0.0.1');
    for (let i = 0; i < 100; i += 1) {
      socket.write(requests('/health/live', 1));
      await once(socket, 'data');
    }
    socket.destroy();
    expect(answered()).toBe(100);
  });
});
