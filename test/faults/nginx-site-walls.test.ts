import { EchoUpstream } from '../support/echo-upstream.js';
import { send } from '../support/http-client.js';
import { NginxSite } from '../support/nginx-site.js';
import { describeWith } from '../support/programs.js';
import { type RawExchange, sendRaw } from '../support/raw-http.js';
import { TlsSocketText } from '../support/tls-socket-text.js';

const HOST = 'Host: 127.0.0.1\r\n';

describeWith('nginx')('the nginx site in front of an upstream', () => {
  let upstream: EchoUpstream;
  let site: NginxSite;

  beforeAll(async () => {
    upstream = await EchoUpstream.start();
    site = await NginxSite.start({ upstream: upstream.port });
  });
  afterAll(async () => {
    await site.stop();
    await upstream.stop();
  });

  describe('forwarded requests', () => {
    it('have the headers that nginx sets, not those of the client', async () => {
      await send(site.url, '/forwarded', {
        headers: {
          'x-forwarded-for': '198.51.100.1, 198.51.100.2',
          'x-forwarded-proto': 'http',
          'x-forwarded-host': 'evil.example.com',
          forwarded: 'for=198.51.100.3',
          authorization: 'Bearer token',
        },
      });
      const { headers } = upstream.arrived.at(-1) ?? {};
      expect(headers).toEqual({
        host: '127.0.0.1',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': '127.0.0.1',
        'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
        authorization: 'Bearer token',
      });
    });

    it('have the path exactly as the client sent it', async () => {
      await send(site.url, '/a%2Fb/%C3%A9?q=%20%2B');
      expect(upstream.arrived.at(-1)?.url).toBe('/a%2Fb/%C3%A9?q=%20%2B');
    });
  });

  describe('requests that two servers could parse differently', () => {
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

    async function refused(request: string): Promise<RawExchange> {
      const before = upstream.arrived.length;
      const exchange = await sendRaw(site.url, request);
      expect([exchange.status, exchange.closed, upstream.arrived.length - before]).toEqual([400, true, 0]);
      return exchange;
    }

    it.each([
      ['Content-Length and Transfer-Encoding', `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
      ['Transfer-Encoding and Content-Length', `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`],
      ['two Content-Length headers', `Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n`],
      ['a Content-Length with two values', `Content-Length: 0, ${smuggled.length}\r\n\r\n`],
      ['a Content-Length with a sign', `Content-Length: +4\r\n\r\nabcd`],
      ['two Host headers', `Host: evil.example.com\r\n\r\n`],
      ['a header without a colon', `Content-Length 4\r\n\r\n`],
      ['a folded header', `X-A: 1\r\n continued\r\n\r\n`],
      ['a NUL', `X-A: a\0b\r\n\r\n`],
    ])('are refused: %s', async (_, headers) => {
      await refused(`POST /api HTTP/1.1\r\n${HOST}${headers}${smuggled}`);
      expect(upstream.times('/smuggled')).toBe(0);
    });

    it.each([
      ['no Host', `GET / HTTP/1.1\r\n\r\n`],
      ['no method', ` / HTTP/1.1\r\n${HOST}\r\n`],
      ['a NUL in the path', `GET /%00 HTTP/1.1\r\n${HOST}\r\n`],
      ['a path above the root', `GET /../../etc HTTP/1.1\r\n${HOST}\r\n`],
    ])('are refused with the usual error format: %s', async (_, request) => {
      const { text, headers } = await refused(request);
      expect([text, headers['content-type']]).toEqual(['{"detail":"Bad Request"}', 'application/json']);
    });

    it('are refused for an unknown Transfer-Encoding', async () => {
      const request = `POST /api HTTP/1.1\r\n${HOST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`;
      expect((await sendRaw(site.url, request)).status).toBe(501);
      expect(upstream.times('/smuggled')).toBe(0);
    });

    it('are forwarded with a Content-Length instead of a chunked body', async () => {
      const request = `POST /chunked HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n4\r\nabcd\r\n0\r\n\r\n`;
      expect((await sendRaw(site.url, request)).status).toBe(200);
      expect(upstream.arrived.at(-1)?.headers).toMatchObject({ 'content-length': '4' });
    });

    it('are forwarded without headers whose name has an underscore', async () => {
      await sendRaw(site.url, `GET / HTTP/1.1\r\n${HOST}X_Forwarded_For: 1.2.3.4\r\nConnection: close\r\n\r\n`);
      expect(Object.keys(upstream.arrived.at(-1)?.headers ?? {})).not.toContain('x_forwarded_for');
    });
  });

  describe('upgrades', () => {
    const upgrade = (path: string, protocol: string): string =>
      `GET ${path} HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Key: dGVzdA==\r\n\r\n`;

    it.each(['/ws', '/ws/notifications'])('passes a WebSocket to %s and back', async (path) => {
      const socket = await TlsSocketText.connect(site.tls);
      socket.write(upgrade(path, 'websocket'));
      await socket.until('\r\n\r\n');
      socket.write('ping');
      expect(await socket.until('ping')).toMatch(/^HTTP\/1\.1 101 /);
      expect(upstream.arrived.at(-1)?.headers).toMatchObject({
        upgrade: 'websocket',
        connection: 'upgrade',
        'sec-websocket-key': 'dGVzdA==',
        'x-forwarded-for': '127.0.0.1',
      });
      socket.destroy();
    });

    it.each([
      ['/api/v1/users/me', 'websocket'],
      ['/wsx', 'websocket'],
      ['/ws', 'h2c'],
    ])('passes no upgrade on %s to %s', async (path, protocol) => {
      await sendRaw(site.url, upgrade(path, protocol));
      expect(upstream.arrived.at(-1)).toMatchObject({ url: path });
      expect(upstream.arrived.at(-1)?.headers).not.toHaveProperty('upgrade');
    });
  });

  it('reuses connections to the upstream', async () => {
    await send(site.url, '/warm');
    const before = upstream.connections;
    for (let i = 0; i < 20; i += 1) expect((await send(site.url, `/kept/${i}`)).status).toBe(200);
    expect(upstream.connections).toBe(before);
  });
});

describeWith('nginx')('the nginx site with faulty upstreams and clients', () => {
  let upstream: EchoUpstream;
  let site: NginxSite | undefined;

  beforeEach(async () => {
    upstream = await EchoUpstream.start();
  });
  afterEach(async () => {
    await site?.stop();
    await upstream.stop();
  });

  it('answers 502 in the format of the service while it is down, readable for the allowed origin', async () => {
    site = await NginxSite.start({ upstream: upstream.port });
    await upstream.stop();
    const headers = { origin: 'https://127.0.0.1', 'x-request-id': 'mine' };
    const answer = await send(site.url, '/api/v1/users/me', { headers });
    expect([answer.status, answer.text]).toEqual([502, '{"detail":"Bad Gateway"}']);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'retry-after': '1',
      'x-request-id': 'mine',
      'access-control-allow-origin': 'https://127.0.0.1',
      'strict-transport-security': 'max-age=31536000',
    });
    const other = await send(site.url, '/', { headers: { origin: 'https://evil.example.com' } });
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('repeats a GET once if its worker dies, but never a POST', async () => {
    site = await NginxSite.start({ upstream: upstream.port });
    expect((await send(site.url, '/dies-once')).status).toBe(200);
    expect(upstream.times('/dies-once')).toBe(2);
    const answer = await send(site.url, '/dies', { method: 'POST', body: 'x' });
    expect([answer.status, upstream.times('/dies')]).toEqual([502, 1]);
  });

  it('answers 429 to a client with too many requests, which do not reach the service', async () => {
    site = await NginxSite.start({
      upstream: upstream.port,
      replace: { 'rate=100r/s': 'rate=1r/m', 'burst=200': 'burst=4' },
    });
    const answers = [];
    for (let i = 0; i < 7; i += 1) answers.push(await send(site.url, `/${i}`));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(answers.at(-1)).toMatchObject({ text: '{"detail":"Too Many Requests"}', headers: { 'retry-after': '1' } });
    expect(upstream.arrived).toHaveLength(5);
  });

  it('disconnects clients that send too slowly, whose requests never reach the service', async () => {
    const replace = {
      'client_header_timeout 10s': 'client_header_timeout 1s',
      'client_body_timeout 10s': 'client_body_timeout 1s',
    };
    site = await NginxSite.start({ upstream: upstream.port, replace });
    const [headers, body] = await Promise.all([TlsSocketText.connect(site.tls), TlsSocketText.connect(site.tls)]);
    headers.write(`GET / HTTP/1.1\r\n${HOST}`);
    body.write(`POST / HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nhalf`);
    await Promise.all([headers.ended, body.ended]);
    expect(upstream.arrived).toEqual([]);
  });
});
