/** @own-sources because it declares errors, permissions or limits */
import { once } from 'node:events';
import net from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import { Public } from '../../src/access/public.decorator.js';
import { PASSWORD, register, signIn } from '../support/accounts.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { send, type Sent } from '../support/http-client.js';
import { accessLines, type LogLine, parseLines } from '../support/log-lines.js';
import { ProbeModule } from '../support/probe.module.js';
import { sendRaw } from '../support/raw-http.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

let arrived = 0;
let release: () => void = () => undefined;

/** A route that answers when the test releases it. */
@Public()
@Controller({ path: 'slow', version: '1' })
class SlowController {
  @Get()
  async wait(): Promise<object> {
    arrived += 1;
    await new Promise<void>((resolve) => (release = resolve));
    return {};
  }
}

@Module({ controllers: [SlowController] })
class SlowModule {}

const LOGIN = '/api/v1/auth/login-json';

describe('the access log', () => {
  const { logger, lines } = collectingLogger();
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ logger, imports: [ProbeModule, SlowModule], settings: { TRUST_PROXY: '1' } });
  });
  beforeEach(() => {
    lines.length = 0;
  });
  afterAll(() => app.stop());

  /** The only line of a request; fails if there are several. */
  async function lineOf(id: unknown): Promise<LogLine | undefined> {
    const found = () => accessLines(lines).filter(({ request_id }) => request_id === id);
    await until(() => found().length > 0);
    expect(found()).toHaveLength(1);
    return found()[0];
  }

  async function ask(path: string, sent: Sent = {}): Promise<LogLine | undefined> {
    return lineOf((await send(app.url, path, sent)).headers['x-request-id']);
  }

  it('records the user, client, route, status and duration of a request', async () => {
    const account = await register(app.url);
    const token = await signIn(app.url, account);
    expect(await ask('/api/v1/users/me?fields=all', { token })).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      pid: process.pid,
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      method: 'GET',
      route: '/api/v1/users/me',
      status: 200,
      duration_ms: expect.any(Number),
      user_id: account.id,
      client: '127.0.0.1',
      msg: 'request',
    });
    const body = new URLSearchParams({ username: account.username, password: PASSWORD });
    expect(await ask('/api/v1/auth/login', { body })).toMatchObject({ status: 200, user_id: account.id });
  });

  const REFUSALS: [status: number, path: string, sent: Sent, route: string | null][] = [
    [200, '/anywhere', { method: 'OPTIONS', headers: { origin: 'x', 'access-control-request-method': 'GET' } }, null],
    [401, '/api/v1/users/me', {}, '/api/v1/users/me'],
    [401, '/api/v1/users/me', { token: 'forged' }, '/api/v1/users/me'],
    [404, '/nowhere', {}, null],
    [404, '/%zz', {}, null],
    [405, '/health', { method: 'DELETE' }, null],
    [413, LOGIN, { body: 'x'.repeat(200_000), headers: { 'content-type': 'application/json' } }, LOGIN],
    [422, LOGIN, { body: {} }, LOGIN],
    [422, '/api/v1/probe/named/x?limit=0', {}, '/api/v1/probe/named/:name'],
    [500, '/api/v1/probe/failing', {}, '/api/v1/probe/failing'],
  ];
  it.each(REFUSALS)('records a %i from %s once, without a user', async (status, path, sent, route) => {
    const line = await ask(path, sent);
    if (status !== 200) expect(line).toMatchObject({ status });
    expect(line).toMatchObject({ route, user_id: null, client: '127.0.0.1' });
  });

  it.each([
    ['the address that the proxy adds', '10.9.8.7, 203.0.113.7', '203.0.113.7'],
    ['an IPv6 address', '2001:db8::1', '2001:db8::1'],
    ['an IPv4 address that a dual-stack socket maps to IPv6', '::ffff:203.0.113.7', '203.0.113.7'],
    ['an address without the port that the proxy appends', '[2001:db8::1]:443', '2001:db8::1'],
    ['null when the proxy does not know the address', 'unknown', null],
    ['null instead of a value that is not an address', '\u009b31m"injected', null],
    ['null instead of an overlong value', 'a'.repeat(5000), null],
  ])('records %s as the client', async (_what, forwarded, client) => {
    const request = `GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${forwarded}\r\n\r\n`;
    const { headers } = await sendRaw(app.url, request);
    expect((await lineOf(headers['x-request-id']))?.client).toBe(client);
  });

  describe('for input that is not a valid request', () => {
    const POST = `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;

    it.each([
      ['input that is not HTTP', 'GARBAGE\r\n\r\n', 400, 'HPE_INVALID_METHOD'],
      ['oversized headers', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'HPE_HEADER_OVERFLOW'],
      ['a CONNECT request', 'CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n', 400, 'CONNECT'],
    ])('records %s with the reason of the refusal', async (_what, request, status, reason) => {
      const { headers } = await sendRaw(app.url, request);
      expect(await lineOf(headers['x-request-id'])).toMatchObject({
        method: null,
        route: null,
        status,
        duration_ms: null,
        user_id: null,
        client: '127.0.0.1',
        reason,
      });
      expect(accessLines(lines)).toHaveLength(1);
    });

    it('records a request with two Host headers like any other refused request', async () => {
      const { headers } = await sendRaw(app.url, 'GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n');
      expect(await lineOf(headers['x-request-id'])).toMatchObject({ method: 'GET', route: '/health', status: 400 });
    });

    it('records a request with an invalid body once, under its own id', async () => {
      const { headers, status } = await sendRaw(app.url, `${POST}ZZ\r\n{}\r\n0\r\n\r\n`);
      expect(status).toBe(400);
      const line = await lineOf(headers['x-request-id']);
      expect(line).toMatchObject({ method: 'POST', route: LOGIN, status: 400, reason: 'HPE_INVALID_CHUNK_SIZE' });
      expect(accessLines(lines)).toHaveLength(1);
    });

    it('records a request and the garbage that follows it on separate lines', async () => {
      const before = arrived;
      const { hostname, port } = new URL(app.url);
      // Keeps its side open after the server closes, as a client may.
      const socket = net.connect({ port: Number(port), host: hostname, allowHalfOpen: true });
      socket.write('GET /api/v1/slow HTTP/1.1\r\nHost: x\r\nX-Request-ID: before\r\n\r\nGARBAGE\r\n\r\n');
      await once(socket.resume(), 'end');
      await until(() => arrived > before);
      release();
      await ask('/health/live');
      // The response does not reach the client.
      expect(await lineOf('before')).toMatchObject({ status: 499, aborted: true, route: '/api/v1/slow' });
      expect(accessLines(lines).map(({ status }) => status)).toEqual([400, 499, 200]);
      socket.destroy();
    });
  });

  describe('for a client that disconnects early', () => {
    async function abandon(request: string, whenToLeave: () => boolean): Promise<void> {
      const { hostname, port } = new URL(app.url);
      const socket = net.connect(Number(port), hostname).on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(request);
      await until(whenToLeave);
      socket.resetAndDestroy();
    }

    it('records the request once, as aborted, even if the handler finishes later', async () => {
      const before = arrived;
      const request = 'GET /api/v1/slow HTTP/1.1\r\nHost: x\r\nX-Request-ID: left\r\n\r\n';
      await abandon(request, () => arrived > before);
      const aborted = { status: 499, aborted: true, method: 'GET', route: '/api/v1/slow', client: '127.0.0.1' };
      expect(await lineOf('left')).toMatchObject(aborted);
      release();
      await ask('/health/live');
      expect(await lineOf('left')).toMatchObject(aborted);
    });

    it.each([
      ['resets its connection', (socket: net.Socket) => socket.resetAndDestroy()],
      ['closes its connection', (socket: net.Socket) => socket.end()],
    ])('reports no error when the client %s in the middle of a body', async (_how, leave) => {
      const socket = net.connect(Number(new URL(app.url).port)).on('error', () => undefined);
      let reads = 0;
      app.nest.getHttpServer().once('request', () => (reads += 1));
      socket.write(`POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nX-Request-ID: cut-off\r\nContent-Length: 100\r\n\r\n{"user`);
      await until(() => reads > 0);
      leave(socket);
      await lineOf('cut-off');
      // Errors of the interrupted body would be logged after the request line.
      await ask('/health/live');
      const said = parseLines(lines).filter(({ request_id, msg }) => request_id === 'cut-off' && msg !== 'request');
      expect(said).toEqual([]);
    });

    it('records a request whose body has arrived only in part', async () => {
      const request = `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nX-Request-ID: half\r\nContent-Length: 100\r\n\r\n{"user`;
      let reads = 0;
      app.nest.getHttpServer().once('request', () => (reads += 1));
      await abandon(request, () => reads > 0);
      expect(await lineOf('half')).toMatchObject({ status: 499, aborted: true, method: 'POST', route: LOGIN });
    });

    it('records each of several requests on one connection', async () => {
      const before = arrived;
      const request = (id: string) => `GET /api/v1/slow HTTP/1.1\r\nHost: x\r\nX-Request-ID: ${id}\r\n\r\n`;
      await abandon(`${request('first')}${request('second')}`, () => arrived > before + 1);
      expect(await lineOf('first')).toMatchObject({ status: 499, aborted: true });
      expect(await lineOf('second')).toMatchObject({ status: 499, aborted: true });
    });
  });

  it('records each of several pipelined requests under its own id', async () => {
    const request = (id: string) => `GET /health/live HTTP/1.1\r\nHost: x\r\nX-Request-ID: ${id}\r\n\r\n`;
    await sendRaw(app.url, ['a', 'b', 'c'].map(request).join(''), { expected: 3 });
    for (const id of ['a', 'b', 'c']) expect(await lineOf(id)).toMatchObject({ status: 200 });
    expect(accessLines(lines)).toHaveLength(3);
  });
});
