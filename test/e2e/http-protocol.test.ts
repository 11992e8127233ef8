import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { sendRaw } from '../support/raw-http.js';
import { TestApp } from '../support/test-app.js';

const LOGIN = 'POST /api/v1/auth/login-json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
const HEALTH = 'GET /health HTTP/1.1\r\nHost: x\r\n';

describe('malformed and hostile HTTP', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());
  afterEach(async () => {
    expect((await send(app.url, '/health')).status).toBe(200);
  });

  describe('with an ambiguous message', () => {
    it.each([
      ['a length and chunks', `${LOGIN}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
      ['two lengths', `${LOGIN}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `],
      ['the same length twice', `${LOGIN}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`],
      ['a list of lengths', `${LOGIN}Content-Length: 2, 2\r\n\r\n{}`],
      ['a negative length', `${LOGIN}Content-Length: -1\r\n\r\n`],
      ['a length with a sign', `${LOGIN}Content-Length: +2\r\n\r\n{}`],
      ['a length beyond 64 bits', `${LOGIN}Content-Length: 99999999999999999999\r\n\r\n`],
      ['a transfer coding that is almost chunked', `${LOGIN}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
      ['chunked before another coding', `${LOGIN}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
      ['an unsupported coding before chunked', `${LOGIN}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
      [
        'chunks in HTTP/1.0',
        'POST /health HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      ],
      ['a chunk size that is not a number', `${LOGIN}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n`],
      ['no Host', 'GET /health HTTP/1.1\r\n\r\n'],
      ['two Host headers', `${HEALTH}Host: y\r\n\r\n`],
      ['two equal Host headers', `${HEALTH}host: x\r\n\r\n`],
      ['two Host headers in HTTP/1.0', 'GET /health HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n'],
      ['bare line feeds', 'GET /health HTTP/1.1\nHost: x\n\n'],
      ['a bare line feed between headers', 'GET /health HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n'],
      ['a folded header', `${HEALTH}X-A: b\r\n c\r\n\r\n`],
      ['a blank before the colon', `${HEALTH}X-A : b\r\n\r\n`],
      ['a NUL in a header', `${HEALTH}X-A: a\0b\r\n\r\n`],
      ['a carriage return in a header', `${HEALTH}X-A: a\rb\r\n\r\n`],
      ['a request line of one word', 'GET\r\n\r\n'],
      ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n'],
      ['a version that does not exist', 'GET /health HTTP/9.9\r\nHost: x\r\n\r\n'],
      ['a method that does not exist', 'BREW /health HTTP/1.1\r\nHost: x\r\n\r\n'],
      ['a method in lower case', 'get /health HTTP/1.1\r\nHost: x\r\n\r\n'],
      ['raw bytes in the target', 'GET /caf\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n'],
      ['a NUL in the target', 'GET /health\0 HTTP/1.1\r\nHost: x\r\n\r\n'],
      ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n'],
    ])('is refused with 400 and a closed connection: %s', async (_name, request) => {
      const answer = await sendRaw(app.url, request);
      expect(answer).toMatchObject({ status: 400, closed: true, text: '{"detail":"Bad Request"}' });
      expect(answer.answers).toHaveLength(1);
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
        'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
        connection: 'close',
      });
      expect(Number(answer.headers['content-length'])).toBe(answer.text.length);
    });

    it('cannot smuggle a second request behind a refused one', async () => {
      const smuggled = `${LOGIN}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HEALTH}\r\n`;
      expect((await sendRaw(app.url, smuggled, { expected: 2 })).answers).toHaveLength(1);
      const afterHosts = `${HEALTH}Host: y\r\n\r\n${HEALTH}\r\n`;
      expect((await sendRaw(app.url, afterHosts, { expected: 2 })).answers).toHaveLength(1);
    });

    it('does not affect HTTP/1.0 without a Host or two requests in one packet', async () => {
      expect(await sendRaw(app.url, 'GET /health HTTP/1.0\r\n\r\n')).toMatchObject({ status: 200, closed: true });
      const both = await sendRaw(app.url, `${HEALTH}\r\n${HEALTH}\r\n`, { expected: 2 });
      expect(both.answers.map(({ status }) => status)).toEqual([200, 200]);
    });
  });

  describe('with unusual or oversized headers', () => {
    it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', '__defineGetter__'])(
      'is accepted with a header named %s',
      async (name) => {
        const answer = await sendRaw(
          app.url,
          `${HEALTH}${name}: x\r\n${name}: y\r\nOrigin: http://localhost:3000\r\n\r\n`,
        );
        expect(answer.status).toBe(200);
        expect(({} as Record<string, unknown>).x).toBeUndefined();
      },
    );

    it.each([
      ['a single header', `GET /health HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(17_000)}\r\n\r\n`],
      ['many headers', `GET /health HTTP/1.1\r\nHost: x\r\n${`X-A: ${'a'.repeat(94)}\r\n`.repeat(180)}\r\n`],
      ['the target', `GET /health?${'a'.repeat(17_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ])('is refused with 431 for more than 16 KB in %s', async (_name, request) => {
      const answer = await sendRaw(app.url, request);
      expect(answer).toMatchObject({ status: 431, closed: true, text: '{"detail":"Request Header Fields Too Large"}' });
      expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'x-request-id': expect.anything() });
    });

    it('is accepted with 2,000 headers', async () => {
      const headers = Array.from({ length: 2000 }, (_, i) => `${i.toString(36)}:\r\n`).join('');
      expect((await sendRaw(app.url, `${HEALTH}${headers}\r\n`)).status).toBe(200);
      expect((await sendRaw(app.url, `${HEALTH}${'Accept: a\r\n'.repeat(1400)}\r\n`)).status).toBe(200);
    });
  });

  describe('with unusual methods and targets', () => {
    it.each(['TRACE', 'PROPFIND', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'QUERY'])(
      'is refused with 405 for the method %s',
      async (method) => {
        const answer = await sendRaw(
          app.url,
          `${method} /api/v1/users/me/profile HTTP/1.1\r\nHost: x\r\nX-Secret: echo\r\n\r\n`,
        );
        expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET' } });
        expect(answer.text).not.toContain('echo');
      },
    );

    it('requires authentication for an absolute target', async () => {
      const me = await sendRaw(app.url, 'GET http://y/api/v1/users/me HTTP/1.1\r\nHost: x\r\n\r\n');
      expect(me.status).toBe(401);
      const redirect = await sendRaw(app.url, 'GET http://evil.example/docs/ HTTP/1.1\r\nHost: x\r\n\r\n');
      expect(redirect.headers.location ?? '').not.toContain('evil');
    });

    it.each(['*', '/health#x', '/#/../health', '/docs#'])('is refused with 404 for the target %s', async (target) => {
      expect((await sendRaw(app.url, `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`)).status).toBe(404);
    });

    it.each(['/%zz', '/%', '/api/v1/users/me%E9', '/%C0%AFhealth', '/%ED%A0%80', '/docs/%E9/'])(
      'has the response of an unknown path for the undecodable path %s',
      async (path) => {
        const {
          date: _1,
          'x-request-id': id,
          ...known
        } = (await sendRaw(app.url, `GET /no HTTP/1.1\r\nHost: x\r\n\r\n`)).headers;
        const answer = await sendRaw(app.url, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
        expect(answer).toMatchObject({ status: 404, text: '{"detail":"Not Found"}', headers: known });
        expect(answer.headers['x-request-id']).not.toBe(id);
      },
    );

    it.each([
      'http:///api/v1/users/me',
      'http://',
      'http://?token=x',
      'https://:80',
      'http://x:99999/health',
      'http://%00/health',
      'http://x?#',
      `/api/v1/users/me/sessions/${'a'.repeat(15_000)}`,
      `/docs/${'a'.repeat(15_000)}`,
    ])('has a regular error response that quotes nothing: %.40s', async (target) => {
      const answer = await sendRaw(app.url, `DELETE ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
      expect([401, 404, 405]).toContain(answer.status);
      expect(answer.text).toMatch(/^\{"detail":"[A-Z][A-Za-z ]+"\}$/);
      expect(answer.headers).toMatchObject({
        'x-request-id': expect.any(String),
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
    });

    it.each(['?a=%E9', '?a=%zz', '?%', '?a=#b', '?__proto__[x]=1&constructor.prototype.x=1'])(
      'is accepted with the unknown query %s',
      async (query) => {
        expect((await sendRaw(app.url, `GET /health${query} HTTP/1.1\r\nHost: x\r\n\r\n`)).status).toBe(200);
        expect((await sendRaw(app.url, `GET /api/v1/users/me${query} HTTP/1.1\r\nHost: x\r\n\r\n`)).status).toBe(401);
      },
    );

    it('is accepted with an Upgrade or unknown Expect header', async () => {
      expect((await sendRaw(app.url, `${HEALTH}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)).status).toBe(200);
      const expecting = await sendRaw(app.url, `${LOGIN}Expect: miracles\r\nContent-Length: 2\r\n\r\n{}`);
      expect(expecting.status).toBe(422);
      expect(expecting.headers['x-request-id']).toBeDefined();
    });
  });

  describe('with slow and aborted connections', () => {
    it('is bounded by timeouts that suit a proxy', () => {
      const server = app.nest.getHttpServer();
      expect(server.headersTimeout).toBeGreaterThan(0);
      expect(server.headersTimeout).toBeLessThanOrEqual(20_000);
      expect(server.requestTimeout).toBeGreaterThanOrEqual(server.headersTimeout);
      expect(server.requestTimeout).toBeLessThanOrEqual(30_000);
      expect(server.keepAliveTimeout).toBeGreaterThan(60_000);
    });

    it('is disconnected after a CONNECT even if the client keeps its side open', async () => {
      const { hostname, port } = new URL(app.url);
      const socket = net.connect({ port: Number(port), host: hostname, allowHalfOpen: true });
      socket.write('CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n');
      await new Promise((resolve) => socket.on('end', resolve).resume());
      while ((await connectionsOf(app)) > 0) await sleep(20);
      socket.destroy();
    });

    it('has no effect when a refused connection is reset', async () => {
      const { hostname, port } = new URL(app.url);
      for (const request of [
        'CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n',
        'GARBAGE\r\n\r\n',
        `${HEALTH}Host: y\r\n\r\n`,
      ]) {
        for (const whenAnswered of [true, false]) {
          const socket = net.connect(Number(port), hostname);
          const written = new Promise<void>((resolve) => socket.write(request, () => resolve()));
          await (whenAnswered ? new Promise((resolve) => socket.once('data', resolve)) : written);
          socket.resetAndDestroy();
          await sleep(20);
        }
      }
    });

    it('has no effect when the client aborts in the middle of a body', async () => {
      const { token } = await signedIn(app.url);
      const { hostname, port } = new URL(app.url);
      for (let i = 0; i < 100; i += 1) {
        const socket = net.connect(Number(port), hostname);
        socket.on('error', () => undefined);
        socket.write(
          `${LOGIN}${i % 2 ? 'Content-Length: 100' : 'Transfer-Encoding: chunked'}\r\n\r\n${i % 2 ? '{"username"' : '5\r\n{"us'}`,
        );
        await new Promise((resolve) => socket.once('ready', resolve));
        if (i % 3 === 0) await sleep(2);
        if (i % 4 < 2) socket.resetAndDestroy();
        else socket.destroy();
      }
      expect((await send(app.url, '/api/v1/users/me', { token })).status).toBe(200);
    });
  });
});

async function connectionsOf({ nest }: TestApp): Promise<number> {
  return new Promise((resolve) => nest.getHttpServer().getConnections((_error, count) => resolve(count)));
}
