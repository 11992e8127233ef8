import { once } from 'node:events';
import net from 'node:net';
import { collectingLogger } from '../support/collecting-logger.js';
import { type Received, send } from '../support/http-client.js';
import { parseLines } from '../support/log-lines.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const ORIGIN = 'https://app.example.com';
/** The number of connections that are served beyond MAX_CONNECTIONS. */
const SPARE = 32;

let app: TestApp;
let lines: string[];
let sockets: net.Socket[] = [];

async function start(settings: Record<string, string>): Promise<void> {
  const log = collectingLogger();
  ({ lines } = log);
  app = await TestApp.start({ settings: { CORS_ORIGINS: `["${ORIGIN}"]`, ...settings }, logger: log.logger });
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await app.stop();
});

/** Opens idle connections from a client address. */
async function open(count: number, from = '127.0.0.1'): Promise<net.Socket[]> {
  const opened = Array.from({ length: count }, () =>
    net
      .connect({ port: Number(new URL(app.url).port), host: '127.0.0.1', localAddress: from })
      .on('error', () => undefined)
      .resume(),
  );
  sockets.push(...opened);
  await Promise.all(opened.map((socket) => once(socket, 'connect')));
  return opened;
}

const isOpen = ({ destroyed }: net.Socket): boolean => !destroyed;

async function connections(): Promise<number> {
  return new Promise((resolve) => app.nest.getHttpServer().getConnections((_error, count) => resolve(count)));
}

async function warningLogged(text: string): Promise<void> {
  await until(() => parseLines(lines).some(({ level, msg }) => level === 40 && msg?.includes(text)));
}

describe('MAX_CONNECTIONS_PER_CLIENT', () => {
  it('closes excess connections of one client, but not of others', async () => {
    await start({ MAX_CONNECTIONS_PER_CLIENT: '20' });
    const mine = await open(30);
    await until(() => mine.filter(isOpen).length === 20);
    await expect(send(app.url, '/health')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await send(app.url, '/health', { from: '127.0.0.2' })).status).toBe(200);
    for (const socket of mine) socket.destroy();
    await until(async () => (await connections()) === 0);
    expect((await send(app.url, '/health')).status).toBe(200);
    await warningLogged('MAX_CONNECTIONS_PER_CLIENT');
  });

  it('does not apply behind a proxy', async () => {
    await start({ MAX_CONNECTIONS_PER_CLIENT: '20', TRUST_PROXY: '1' });
    const mine = await open(30);
    expect((await send(app.url, '/health')).status).toBe(200);
    expect(mine.filter(isOpen)).toHaveLength(30);
  });
});

describe('MAX_CONNECTIONS', () => {
  beforeEach(async () => {
    await start({ MAX_CONNECTIONS: '20', METRICS_TOKEN: 'a-token-of-the-tests' });
    await open(20);
    await until(async () => (await connections()) === 20);
  });

  const ask = async (path: string, method = 'GET'): Promise<Received> =>
    send<unknown>(app.url, path, { method, headers: { origin: ORIGIN, accept: 'application/problem+json' } });

  it('answers an excess connection with 503 and Retry-After', async () => {
    const answer = await ask('/api/v1/users/me');
    expect(answer).toMatchObject({
      status: 503,
      body: { code: 'http.too_many_connections' },
      headers: { 'retry-after': '2', connection: 'close', 'access-control-allow-origin': ORIGIN },
    });
    await warningLogged('has reached MAX_CONNECTIONS');
  });

  it.each(['/health', '/health/live', '/health/ready', '/metrics'])(
    'still answers %s and closes the connection',
    async (path) => {
      // The request does not ask to close the connection.
      const socket = (await open(1))[0] ?? new net.Socket();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(answer.toString()).toMatch(/^connection: close\r$/im);
      await once(socket, 'close');
    },
  );

  it('is exceeded only by the reserve, and probes are always answered', async () => {
    await open(200);
    await until(async () => (await connections()) === 20 + SPARE);
    expect((await ask('/health/ready')).status).toBe(200);
    expect(await connections()).toBeLessThanOrEqual(20 + SPARE);
  });

  it('serves again once connections are closed', async () => {
    sockets[0]?.destroy();
    await until(async () => (await connections()) === 19);
    expect((await ask('/api/v1/users/me')).status).toBe(401);
  });
});
