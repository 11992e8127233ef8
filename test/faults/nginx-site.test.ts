import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { signedIn } from '../support/accounts.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { type Received, send } from '../support/http-client.js';
import { NginxSite } from '../support/nginx-site.js';
import { describeWith } from '../support/programs.js';
import { sendRaw } from '../support/raw-http.js';
import { TestApp } from '../support/test-app.js';

const OWN_ORIGIN = 'https://127.0.0.1';

describeWith('nginx')('the nginx site in front of the service', () => {
  const { logger, lines } = collectingLogger();
  let app: TestApp;
  let site: NginxSite;

  beforeAll(async () => {
    app = await TestApp.start({ logger, settings: { TRUST_PROXY: '1' } });
    site = await NginxSite.start({ upstream: Number(new URL(app.url).port) });
  });
  afterAll(async () => {
    await site.stop();
    await app.stop();
  });

  /** Whether the service logged a request with this id. */
  const reached = (id: unknown): boolean => lines.some((line) => line.includes(`"${String(id)}"`));

  function expectJsonError(answer: Received, status: number, detail: string): void {
    expect([answer.status, answer.text]).toEqual([status, JSON.stringify({ detail })]);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  }

  describe('over HTTPS', () => {
    it('passes a sign-in, and the service sends HSTS', async () => {
      const { token, username } = await signedIn(site.url);
      const answer = await send(site.url, '/api/v1/users/me', { token });
      expect(answer).toMatchObject({ status: 200, body: { username } });
      expect(answer.headers).toMatchObject({ 'strict-transport-security': 'max-age=31536000', server: 'nginx' });
    });

    it('redirects a path with a trailing slash to the same origin, despite forged X-Forwarded headers', async () => {
      const headers = {
        'x-forwarded-host': 'evil.example.com',
        'x-forwarded-proto': 'http',
        'x-forwarded-prefix': '/evil',
      };
      const { headers: answered } = await send(site.url, '/api/v1/users/me/', { headers });
      expect(answered.location).toBe('/api/v1/users/me');
    });

    it('passes the client address to the service, despite a forged X-Forwarded-For', async () => {
      const headers = { 'x-forwarded-for': '198.51.100.1', 'x-request-id': 'whose' };
      await send(site.url, '/', { headers });
      const line = lines.find((line) => line.includes('"whose"')) ?? '{}';
      expect(JSON.parse(line)).toMatchObject({ client: '127.0.0.1', request_id: 'whose' });
    });

    it('speaks HTTP/2', async () => {
      const session = connectHttp2(OWN_ORIGIN, site.tls);
      const stream = session.request({ ':path': '/' });
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
      expect([headers[':status'], await text(stream)]).toEqual([200, expect.stringContaining('"version"')]);
      session.close();
    });

    it.each<[string, ConnectionOptions]>([
      ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
      ['a cipher without forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }],
      ['a CBC cipher', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-SHA' }],
    ])('refuses %s', async (_, options) => {
      const socket = connectTls({ ...site.tls, ...options });
      await expect(once(socket, 'secureConnect')).rejects.toThrow(/alert|disconnected|handshake/);
    });

    it('accepts TLS 1.2', async () => {
      const socket = connectTls({ ...site.tls, maxVersion: 'TLSv1.2' });
      await once(socket, 'secureConnect');
      expect(socket.getProtocol()).toBe('TLSv1.2');
      socket.destroy();
    });

    it('compresses the documentation but no API responses', async () => {
      const headers = { 'accept-encoding': 'gzip' };
      const [document, health] = [
        await send(site.url, '/openapi.json', { headers }),
        await send(site.url, '/', { headers }),
      ];
      expect([document.headers['content-encoding'], health.headers['content-encoding']]).toEqual(['gzip', undefined]);
    });

    it('answers 421 to another host name, with which links could be forged', async () => {
      const answer = await send(site.url, '/docs', { headers: { host: 'evil.example.com' } });
      expectJsonError(answer, 421, 'Misdirected Request');
    });
  });

  describe('/metrics', () => {
    it.each([
      '/metrics',
      '/metrics/',
      '/metrics?a',
      '/METRICS',
      '//metrics',
      '/%6detrics',
      '/%2Fmetrics',
      '/./metrics',
    ])('answers 404 as %s', async (path) => {
      const answer = await send(site.url, path);
      expectJsonError(answer, 404, 'Not Found');
      expect(reached(answer.headers['x-request-id'])).toBe(false);
    });

    it.each(['/docs/../metrics', '/metrics;a', '/metrics%20', '/metrics/../metrics', 'http://127.0.0.1/metrics'])(
      'answers 404 as %s',
      async (path) => {
        const { status, headers } = await sendRaw(site.url, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
        expect([status, reached(headers['x-request-id'])]).toEqual([404, false]);
      },
    );
  });

  describe('X-Request-ID', () => {
    it('is passed to the service and logged by nginx', async () => {
      const { headers } = await send(site.url, '/', { headers: { 'x-request-id': 'from-the-client.1' } });
      expect(headers['x-request-id']).toBe('from-the-client.1');
      expect([reached('from-the-client.1'), site.accessLog.at(-1)?.request_id]).toEqual([true, 'from-the-client.1']);
    });

    it.each(['a b', 'é', 'x'.repeat(65)])('is replaced if the service would not accept it: %s', async (id) => {
      const { headers } = await send(site.url, '/', {
        headers: { 'x-request-id': Buffer.from(id).toString('latin1') },
      });
      expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
      expect(reached(headers['x-request-id'])).toBe(true);
    });

    it('is logged without the query of the URL', async () => {
      await send(site.url, '/?token=secret');
      expect(JSON.stringify(site.accessLog)).not.toContain('secret');
    });
  });

  describe('a too large request', () => {
    const login = '/api/v1/auth/login-json';

    it('is refused by the service up to the body limit of nginx, and by nginx above it', async () => {
      const byService = await send(site.url, login, { body: { username: 'x'.repeat(200_000), password: 'secure123' } });
      expect([byService.status, reached(byService.headers['x-request-id'])]).toEqual([413, true]);
      const byNginx = await send(site.url, login, { body: { username: 'x'.repeat(300_000), password: 'secure123' } });
      expectJsonError(byNginx, 413, 'Request Entity Too Large');
      expect(reached(byNginx.headers['x-request-id'])).toBe(false);
    });

    it('is never buffered on disk', () => {
      expect(site.nginx.errorLog).not.toContain('temporary file');
    });

    it('is answered 431 for headers and 414 for a path', async () => {
      const headers = await send(site.url, '/', { headers: { 'x-large': 'x'.repeat(9000) } });
      expectJsonError(headers, 431, 'Request Header Fields Too Large');
      const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`x-${i}`, 'x'.repeat(2000)]));
      expect((await send(site.url, '/', { headers: many })).status).toBe(431);
      expectJsonError(await send(site.url, `/${'x'.repeat(9000)}`), 414, 'Request-URI Too Long');
    });

    it('is still accepted with a long User-Agent and a long token', async () => {
      const headers = { 'user-agent': 'x'.repeat(7000), authorization: `Bearer ${'x'.repeat(6000)}` };
      expect((await send(site.url, '/', { headers })).status).toBe(200);
    });
  });

  describe('over plain HTTP', () => {
    it.each(['/', '/docs', '/docs?a=b', '/health', '/apis', '/redoc'])('redirects the page %s', async (path) => {
      const { status, headers } = await send(site.plainUrl, path, { headers: { host: 'evil.example.com' } });
      expect([status, headers.location]).toEqual([301, `${OWN_ORIGIN}${path}`]);
    });

    it.each([
      '/api',
      '/api/v1/users/me',
      '//api/v1/users/me',
      '/%61pi/v1/users/me',
      '/API/',
      '/x/../api/v1',
      '/metrics',
    ])('refuses %s', async (path) => expectJsonError(await send(site.plainUrl, path), 403, 'HTTPS is required'));

    it('refuses a sign-in instead of redirecting it', async () => {
      const answer = await send(site.plainUrl, '/api/v1/auth/login', { body: new URLSearchParams({ username: 'x' }) });
      expectJsonError(answer, 403, 'HTTPS is required');
    });

    it('refuses a body or a credential for a page', async () => {
      expectJsonError(await send(site.plainUrl, '/docs', { method: 'POST', body: 'x' }), 403, 'HTTPS is required');
      expectJsonError(await send(site.plainUrl, '/docs', { token: 'x' }), 403, 'HTTPS is required');
    });

    it('serves Let’s Encrypt challenges', async () => {
      const folder = join(site.folder, '.well-known', 'acme-challenge');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'token'), 'answer');
      const answer = await send(site.plainUrl, '/.well-known/acme-challenge/token');
      expect([answer.status, answer.text]).toEqual([200, 'answer']);
    });
  });
});
