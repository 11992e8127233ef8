import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { register } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { sendRaw } from '../support/raw-http.js';
import { TestApp } from '../support/test-app.js';

const EVIL = 'evil.example';
const ROUTES = readFileSync(join(import.meta.dirname, '..', 'contract', 'routes.txt'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(/\s+/).slice(0, 2) as [string, string]);

describe('the Host header', () => {
  let app: TestApp;

  const start = async (settings: Record<string, string>) => {
    app = await TestApp.start({ settings });
  };
  const locationFor = async (host: string | undefined, headers: Record<string, string> = {}) => {
    const lines = Object.entries({ ...(host === undefined ? {} : { host }), ...headers });
    const version = host === undefined ? '1.0' : '1.1';
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const answer = await sendRaw(app.url, `GET /docs/?a=1 HTTP/${version}\r\n${head}\r\n`);
    expect(answer.status).toBe(307);
    return answer.headers.location;
  };

  describe('without PUBLIC_URL', () => {
    let port: string;

    beforeAll(async () => {
      await start({});
      ({ port } = new URL(app.url));
    });
    afterAll(() => app.stop());

    it.each(['127.0.0.1', 'localhost', 'LOCALHOST'])(
      'appears in a redirect if it matches the socket: %s',
      async (name) => {
        expect(await locationFor(`${name}:${port}`)).toBe(`http://${name.toLowerCase()}:${port}/docs?a=1`);
      },
    );

    it('is omitted from a redirect otherwise', async () => {
      const others = [EVIL, `${EVIL}:${port}`, 'localhost', '127.0.0.1', '127.0.0.1:1', `127.0.0.2:${port}`];
      const similar = [
        `localhost.${EVIL}:${port}`,
        `127.0.0.1.${EVIL}:${port}`,
        `[::1]:${port}`,
        `u@localhost:${port}`,
      ];
      for (const host of [...others, ...similar, '', undefined]) {
        expect([host, await locationFor(host)]).toEqual([host, '/docs?a=1']);
      }
    });

    it('is not echoed by any route, and neither is a proxy header', async () => {
      const headers = { host: EVIL, 'x-forwarded-host': EVIL, forwarded: `host=${EVIL}`, 'x-forwarded-server': EVIL };
      for (const [method, path] of ROUTES) {
        for (const target of [path, `${path === '/' ? '' : path}/`]) {
          const answer = await send(app.url, target, { method, headers });
          expect([method, target, `${answer.text}${JSON.stringify(answer.headers)}`.includes(EVIL)]).toEqual([
            method,
            target,
            false,
          ]);
        }
      }
    });
  });

  describe('behind a trusted proxy', () => {
    beforeAll(() => start({ TRUST_PROXY: '1' }));
    afterAll(() => app.stop());

    it.each(['x-forwarded-host', 'x-forwarded-for', 'x-forwarded-proto'])(
      'is omitted from a redirect, even if the proxy sends the address of the socket and %s',
      async (name) => {
        expect(await locationFor(new URL(app.url).host, { [name]: EVIL })).toBe('/docs?a=1');
        expect(await locationFor(EVIL, { [name]: EVIL })).toBe('/docs?a=1');
      },
    );

    it('is not echoed by any route', async () => {
      const headers = { host: EVIL, 'x-forwarded-host': EVIL, 'x-forwarded-proto': 'https' };
      for (const [method, path] of ROUTES) {
        const answer = await send(app.url, `${path}/`, { method, headers });
        expect([path, `${answer.text}${JSON.stringify(answer.headers)}`.includes(EVIL)]).toEqual([path, false]);
      }
    });
  });

  describe('with PUBLIC_URL', () => {
    beforeAll(() => start({ PUBLIC_URL: 'https://auth.example.com/base', TRUST_PROXY: '1' }));
    afterAll(() => app.stop());

    it('is ignored by a redirect, which leads to PUBLIC_URL', async () => {
      const own = new URL(app.url).host;
      for (const host of [own, EVIL, '', undefined]) {
        expect([host, await locationFor(host)]).toEqual([host, 'https://auth.example.com/base/docs?a=1']);
      }
      const forwarded = { 'x-forwarded-host': EVIL, 'x-forwarded-proto': 'http' };
      expect(await locationFor(EVIL, forwarded)).toBe('https://auth.example.com/base/docs?a=1');
    });
  });
});

describe('the origin that may use the refresh cookie', () => {
  let app: TestApp;
  let body: object;

  const start = async (settings: Record<string, string>) => {
    app = await TestApp.start({ settings: { TRUST_PROXY: '1', CORS_ORIGINS: '[]', ...settings } });
    const { username, password } = await register(app.url);
    body = { username, password };
  };
  afterEach(() => app.stop());

  const statusFor = async (origin: string, headers: Record<string, string> = {}) => {
    const sent = { 'x-auth-mode': 'cookie', origin, ...headers };
    return (await send(app.url, '/api/v1/auth/login-json', { body, headers: sent })).status;
  };

  it('is not derived from the Host header, even behind a proxy', async () => {
    await start({});
    const { host } = new URL(app.url);
    expect(await statusFor(`http://${host}`)).toBe(403);
    expect(await statusFor(`http://${EVIL}`, { host: EVIL })).toBe(403);
    const forwarded = { host: EVIL, 'x-forwarded-host': EVIL, 'x-forwarded-proto': 'https' };
    expect(await statusFor(`https://${EVIL}`, forwarded)).toBe(403);
  });

  it('is the origin of PUBLIC_URL, whose path is ignored', async () => {
    await start({ PUBLIC_URL: 'https://auth.example.com/base' });
    expect(await statusFor('https://auth.example.com', { host: EVIL })).toBe(200);
    for (const origin of ['http://auth.example.com', 'https://auth.example.com:8443', 'https://example.com']) {
      expect([origin, await statusFor(origin)]).toEqual([origin, 403]);
    }
  });

  it('is any loopback origin with DEBUG, but not a host name that resembles one', async () => {
    await start({ DEBUG: 'True' });
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:1', 'https://[::1]:8443', 'http://localhost']) {
      expect([origin, await statusFor(origin)]).toEqual([origin, 200]);
    }
    const others = [`http://localhost.${EVIL}`, `http://127.0.0.1.${EVIL}`, 'http://192.168.0.7', 'ftp://localhost'];
    for (const origin of others) expect([origin, await statusFor(origin)]).toEqual([origin, 403]);
  });
});

describe('information for local clients', () => {
  const TOKEN = 'a-token-that-prometheus-knows';
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ settings: { METRICS_TOKEN: TOKEN } });
  });
  afterAll(() => app.stop());

  const ask = async (path: string, host: string, token = '') => send(app.url, path, { headers: { host }, token });

  it.each(['localhost', 'localhost:8001', '127.0.0.1:9', '127.8.9.10', '[::1]:8001', 'LocalHost'])(
    'is returned for the host %s',
    async (host) => {
      expect((await ask('/metrics', host)).status).toBe(200);
      expect((await ask('/health/ready', host)).body).toHaveProperty('pid');
    },
  );

  it.each([EVIL, `${EVIL}:8001`, `localhost.${EVIL}`, `127.0.0.1.${EVIL}`, '127.evil', '10.0.0.1', 'x@localhost'])(
    'is not returned for another host: %j (DNS rebinding)',
    async (host) => {
      expect(await ask('/metrics', host)).toMatchObject({ status: 404, text: '{"detail":"Not Found"}' });
      expect((await ask('/health/ready', host)).body).toEqual({ status: 'ok' });
      expect((await ask('/health', host)).body).toEqual({ status: 'ok' });
    },
  );

  it('is returned for any host with the token', async () => {
    expect((await ask('/metrics', EVIL, TOKEN)).status).toBe(200);
  });
});
