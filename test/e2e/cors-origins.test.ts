import { signedIn } from '../support/accounts.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { type Received, send } from '../support/http-client.js';
import { parseLines } from '../support/log-lines.js';
import { TestApp } from '../support/test-app.js';

const ALLOWED = 'https://app.example.com';
const OTHER = 'http://localhost:3000';

/** The names of all headers that grant access to an origin. */
function grants({ headers }: Received): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-allow-'));
}

describe('CORS_ORIGINS', () => {
  let app: TestApp;
  const start = async (origins: string[]) => {
    app = await TestApp.start({ settings: { CORS_ORIGINS: JSON.stringify(origins) } });
  };
  afterEach(() => app.stop());

  it.each([ALLOWED, 'null'])('with * allows %s without credentials', async (origin) => {
    await start(['*']);
    const method = { 'access-control-request-method': 'POST' };
    for (const sent of [{}, { method: 'OPTIONS', headers: method }]) {
      const answer = await send(app.url, '/health', { ...sent, headers: { origin, ...sent.headers } });
      expect(answer).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': '*' } });
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
    }
  });

  it('with * and an origin allows credentials for that origin only', async () => {
    await start(['*', ALLOWED]);
    const known = await send(app.url, '/health', { headers: { origin: ALLOWED } });
    expect(known.headers).toMatchObject({
      'access-control-allow-origin': ALLOWED,
      'access-control-allow-credentials': 'true',
    });
    const other = await send(app.url, '/health', { headers: { origin: 'https://evil.com' } });
    expect(other.headers['access-control-allow-origin']).toBe('*');
    expect(other.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it.each([
    'capacitor://localhost',
    'tauri://localhost',
    'app://x',
    'chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb',
  ])('allows an application that is served from %s', async (origin) => {
    await start([origin]);
    const requested = { origin, 'access-control-request-method': 'POST' };
    const preflight = await send(app.url, '/api/v1/auth/login-json', { method: 'OPTIONS', headers: requested });
    const answer = await send(app.url, '/health', { headers: { origin } });
    for (const { status, headers } of [preflight, answer]) {
      expect([status, headers['access-control-allow-origin']]).toEqual([200, origin]);
      expect(headers['access-control-allow-credentials']).toBe('true');
    }
    expect(grants(await send(app.url, '/health', { headers: { origin: `${origin}.evil` } }))).toEqual([]);
    expect(grants(await send(app.url, '/health', { headers: { origin: origin.toUpperCase() } }))).toEqual([]);
    const cookies = { origin, 'x-auth-mode': 'cookie' };
    const { username, password } = await signedIn(app.url);
    const login = { body: { username, password }, headers: cookies };
    expect((await send(app.url, '/api/v1/auth/login-json', login)).headers['set-cookie']).toHaveLength(1);
  });

  it('allows no origin if it is empty', async () => {
    await start([]);
    expect(grants(await send(app.url, '/health', { headers: { origin: OTHER } }))).toEqual([]);
    const headers = { origin: OTHER, 'access-control-request-method': 'GET' };
    expect((await send(app.url, '/health', { method: 'OPTIONS', headers })).status).toBe(400);
  });
});

describe('a refused origin', () => {
  let app: TestApp;
  let lines: string[];

  beforeEach(async () => {
    const log = collectingLogger();
    ({ lines } = log);
    const settings = { CORS_ORIGINS: JSON.stringify([ALLOWED]), PUBLIC_URL: 'https://behind-a-proxy.example/auth' };
    app = await TestApp.start({ settings, logger: log.logger });
  });
  afterEach(() => app.stop());

  const ask = async (origin: string, headers: Record<string, string> = {}, method = 'GET') =>
    send(app.url, '/health', { method, headers: { origin, ...headers } });
  const warnings = () =>
    parseLines(lines)
      .filter(({ level, msg }) => level === 40 && msg?.startsWith('CORS'))
      .map(({ msg }) => String(msg));
  const named = (origin: string) => `CORS refuses the origin ${origin}: CORS_ORIGINS does not list it`;

  it('is logged once with its name', async () => {
    for (let i = 0; i < 3; i += 1) {
      await ask('https://other.example');
      await ask('https://other.example', { 'access-control-request-method': 'PUT' }, 'OPTIONS');
      await ask('null');
      await ask(ALLOWED);
    }
    expect(warnings()).toEqual([named('https://other.example'), named('null')]);
  });

  it('is not the origin of the service itself', async () => {
    await ask(app.url, {}, 'POST');
    await ask('https://behind-a-proxy.example', {}, 'POST');
    expect(warnings()).toEqual([]);
  });

  it('is logged regardless of other headers', async () => {
    await ask('https://a.example', { host: 'a.example' });
    await ask('https://b.example', { 'x-forwarded-host': 'b.example', 'sec-fetch-site': 'same-origin' });
    expect(warnings()).toEqual(['https://a.example', 'https://b.example'].map(named));
  });

  it('is logged again in the next hour, even after the limit was reached', async () => {
    for (let i = 0; i < 102; i += 1) await ask(`https://${i}.example`);
    const now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now + 3_600_000);
    await ask('https://0.example');
    clock.mockRestore();
    expect(warnings()).toHaveLength(102);
    expect(warnings().at(-1)).toBe(named('https://0.example'));
  });

  it('does not flood the log with many or long values', async () => {
    for (let i = 0; i < 300; i += 1) await ask(`\x9b2J${i}${'x'.repeat(5000)}`);
    expect(warnings()).toHaveLength(101);
    expect(warnings().at(-1)).toBe('CORS refuses more origins; further ones are not logged for up to an hour');
    for (const warning of warnings()) expect(warning.length).toBeLessThan(200);
    expect(lines.join('')).not.toContain('\x9b');
  });
});
