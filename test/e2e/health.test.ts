import net from 'node:net';
import { PASSWORD, signedIn, uniqueName } from '../support/accounts.js';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { createDatabase, dropDatabase, query, settingsOf, TEMPLATE } from '../support/test-databases.js';

const UNAVAILABLE = '{"detail":"The database is not available at the moment. Please try again."}';

describe('GET /', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { APP_NAME: 'My "service"' } });
  });
  afterAll(() => app.stop());

  it('responds with the name, the version and links', async () => {
    const answer = await send(app.url, '/');
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(answer.body).toEqual({
      name: 'My "service"',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      docs: '/docs',
      redoc: '/redoc',
      openapi: '/openapi.json',
      health: '/health',
    });
  });

  it('links only to existing pages', async () => {
    const { name: _name, version: _version, ...links } = (await send<Record<string, string>>(app.url, '/')).body;
    for (const link of Object.values(links)) expect((await send(app.url, link)).status).toBe(200);
  });

  it('is not part of the OpenAPI document, and neither is /health', async () => {
    const { paths } = (await send<{ paths: object }>(app.url, '/openapi.json')).body;
    expect(Object.keys(paths).filter((path) => !path.startsWith('/api/v1/'))).toEqual([]);
    expect(Object.keys(paths).length).toBeGreaterThan(3);
  });

  it('does not link to disabled pages', async () => {
    const bare = await TestApp.start({ settings: { DOCS_ENABLED: 'False' } });
    try {
      const { name: _name, version: _version, ...links } = (await send<Record<string, string>>(bare.url, '/')).body;
      for (const link of Object.values(links)) expect((await send(bare.url, link)).status).toBe(200);
    } finally {
      await bare.stop();
    }
  });
});

describe('GET /health', () => {
  let app: TestApp;
  let token: string;

  beforeEach(async () => {
    app = await TestApp.start();
    ({ token } = await signedIn(app.url));
  });
  afterEach(() => app.stop());

  it('is public and responds with only the status to a remote client', async () => {
    const answer = await send(app.url, '/health');
    expect(answer).toMatchObject({ status: 200, text: '{"status":"ok","database":"up"}' });
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    const remote = await send(app.url, '/health', { token: 'invalid', headers });
    expect(remote).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    await dropDatabase(app.database);
    expect((await send(app.url, '/health', { headers })).text).toBe('{"status":"degraded"}');
    await query(settingsOf('postgres'), `CREATE DATABASE ${app.database.database} TEMPLATE ${TEMPLATE}`);
  });

  it('reports the loss and return of the database, while other routes respond with 503', async () => {
    await dropDatabase(app.database);
    expect(await send(app.url, '/health')).toMatchObject({
      status: 200,
      text: '{"status":"degraded","database":"down"}',
    });
    for (const answer of await askEveryRoute(app, token)) {
      expect(answer).toMatchObject({
        status: 503,
        text: UNAVAILABLE,
        headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) },
      });
    }
    await query(settingsOf('postgres'), `CREATE DATABASE ${app.database.database} TEMPLATE ${TEMPLATE}`);
    expect(await send(app.url, '/health')).toMatchObject({ text: '{"status":"ok","database":"up"}' });
    // The new database does not have the account, and the service does not cache it.
    expect((await send(app.url, '/api/v1/users/me', { token })).status).toBe(401);
    expect((await signedIn(app.url)).token).toBeDefined();
  });

  it('does not affect routes that do not need the database', async () => {
    await dropDatabase(app.database);
    const statuses = ['/', '/docs', '/openapi.json', '/nowhere', '/api/v1/users/me'].map(
      async (path) => (await send(app.url, path)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 404, 401]);
    expect((await send(app.url, '/api/v1/auth/login-json', { body: {} })).status).toBe(422);
    await query(settingsOf('postgres'), `CREATE DATABASE ${app.database.database} TEMPLATE ${TEMPLATE}`);
  });
});

describe('a PostgreSQL server that stops listening', () => {
  it('causes 503 until it listens again', async () => {
    const database = await createDatabase();
    const server = new TcpRelay(database.port);
    const app = await TestApp.start({ database: { ...database, port: await server.listen(0) } });
    try {
      const { token } = await signedIn(app.url);
      const port = await server.close();
      expect((await send(app.url, '/health')).body).toEqual({ status: 'degraded', database: 'down' });
      for (const answer of await askEveryRoute(app, token))
        expect(answer).toMatchObject({ status: 503, text: UNAVAILABLE });
      await server.listen(port);
      expect((await send(app.url, '/health')).body).toEqual({ status: 'ok', database: 'up' });
      expect((await send(app.url, '/api/v1/users/me', { token })).status).toBe(200);
    } finally {
      await app.stop();
      await server.close();
      await dropDatabase(database);
    }
  });
});

async function askEveryRoute({ url }: TestApp, token: string): Promise<Received[]> {
  const account = { username: uniqueName(), password: PASSWORD };
  return Promise.all([
    send(url, '/api/v1/users/me', { token }),
    send(url, '/api/v1/auth/register', { body: account }),
    send(url, '/api/v1/auth/login-json', { body: account }),
    send(url, '/api/v1/auth/login', { body: new URLSearchParams(account) }),
  ]);
}

/** A TCP relay to PostgreSQL that can be closed and opened again. */
class TcpRelay {
  private readonly sockets = new Set<net.Socket>();
  private readonly server = net.createServer((near) => {
    const far = net.connect(this.target, '127.0.0.1');
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => [near, far].forEach((one) => one.destroy()));
    }
    near.pipe(far).pipe(near);
  });

  constructor(private readonly target: number) {}

  /** @returns the actual port, also for port 0 */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return this.port();
  }

  /** @returns the port it listened on, or 0 if it was closed */
  async close(): Promise<number> {
    if (!this.server.listening) return 0;
    const port = this.port();
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    return port;
  }

  private port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }
}
