import { send } from '../support/http-client.js';
import { Nginx } from '../support/nginx.js';
import { describeWith } from '../support/programs.js';
import { TestApp } from '../support/test-app.js';

const LIMIT = 3;

const startTrusting = (proxies: number) =>
  TestApp.start({
    settings: {
      RATE_LIMIT: 'on',
      RATE_LIMIT_REQUESTS_PER_MINUTE: String(LIMIT),
      RATE_LIMIT_LOGIN_CLIENT: String(LIMIT),
      TRUST_PROXY: String(proxies),
    },
  });

/** The remaining limit of the client after a request with these headers. */
async function leftFor(url: string, headers: Record<string, string>, from = '127.0.0.1'): Promise<number> {
  const answer = await send(url, '/api/v1/users/me', { headers, from });
  return Number(answer.headers['ratelimit-remaining']);
}

const forwarded = (...addresses: string[]) => ({ 'x-forwarded-for': addresses.join(', ') });

describe('the client behind trusted proxies', () => {
  let app: TestApp;

  afterEach(() => app.stop());

  it('is the last address in X-Forwarded-For with one proxy', async () => {
    app = await startTrusting(1);
    expect(await leftFor(app.url, forwarded('192.0.2.1'))).toBe(2);
    expect(await leftFor(app.url, forwarded('198.51.100.7', '192.0.2.1'))).toBe(1);
    expect(
      await leftFor(app.url, { ...forwarded('192.0.2.1'), 'x-real-ip': '192.0.2.9', forwarded: 'for=192.0.2.8' }),
    ).toBe(0);
    expect(await leftFor(app.url, forwarded('192.0.2.1', '192.0.2.2'))).toBe(2);
    expect(await leftFor(app.url, { 'x-real-ip': '192.0.2.1', 'cf-connecting-ip': '192.0.2.1' })).toBe(2);
  });

  it('is the last but one address in X-Forwarded-For with two proxies', async () => {
    app = await startTrusting(2);
    expect(await leftFor(app.url, forwarded('198.51.100.7', '192.0.2.1', '10.0.0.1'))).toBe(2);
    expect(await leftFor(app.url, forwarded('198.51.100.8', '192.0.2.1', '10.0.0.1'))).toBe(1);
    expect(await leftFor(app.url, forwarded('192.0.2.2', '10.0.0.1'))).toBe(2);
  });

  it('is an IPv6 /64, an IPv4 address in either form, or one client for all invalid addresses', async () => {
    app = await startTrusting(1);
    expect(await leftFor(app.url, forwarded('2001:db8:1:2::1'))).toBe(2);
    expect(await leftFor(app.url, forwarded('2001:db8:1:2:ffff::9'))).toBe(1);
    expect(await leftFor(app.url, forwarded('2001:db8:1:3::1'))).toBe(2);
    expect(await leftFor(app.url, forwarded('192.0.2.1'))).toBe(2);
    expect(await leftFor(app.url, forwarded('::ffff:192.0.2.1'))).toBe(1);
    expect(await leftFor(app.url, forwarded('::ffff:192.0.2.2'))).toBe(2);
    expect(await leftFor(app.url, forwarded('unknown'))).toBe(2);
    expect(await leftFor(app.url, forwarded('x'.repeat(1000)))).toBe(1);
  });
});

describeWith('nginx')('the client behind nginx', () => {
  let app: TestApp;
  let nginx: Nginx;

  async function startBehindNginx(trusted: number): Promise<void> {
    app = await startTrusting(trusted);
    nginx = await Nginx.start({ upstreams: [Number(new URL(app.url).port)] });
  }
  afterEach(async () => {
    await nginx.stop();
    await app.stop();
  });

  it('is identified by its own address, which it cannot choose', async () => {
    await startBehindNginx(1);
    expect(await leftFor(nginx.url, {}, '127.0.2.1')).toBe(2);
    expect(await leftFor(nginx.url, forwarded('192.0.2.1'), '127.0.2.1')).toBe(1);
    expect(await leftFor(nginx.url, forwarded('192.0.2.2'), '127.0.2.1')).toBe(0);
    expect(
      (await send(nginx.url, '/api/v1/users/me', { headers: forwarded('192.0.2.3'), from: '127.0.2.1' })).status,
    ).toBe(429);
    expect(await leftFor(nginx.url, {}, '127.0.2.2')).toBe(2);
  });

  it('is the key under which failed sign-ins are counted', async () => {
    await startBehindNginx(1);
    const guess = async (from: string, username: string) => {
      const body = { username, password: 'wrong-password' };
      return (await send(nginx.url, '/api/v1/auth/login-json', { body, from, headers: forwarded(username) })).status;
    };
    // The general limit is equally low, so these requests use other clients.
    for (const username of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
      expect(await guess('127.0.2.3', username)).toBe(401);
    expect(await guess('127.0.2.3', '192.0.2.4')).toBe(429);
    expect(await guess('127.0.2.4', '192.0.2.4')).toBe(401);
    const keys = await app.sql<{ key: string }>(
      `SELECT key FROM rate_limits WHERE key LIKE 'login:client:%' ORDER BY key`,
    );
    expect(keys).toEqual([{ key: 'login:client:127.0.2.3' }, { key: 'login:client:127.0.2.4' }]);
  });

  it('is nginx itself without a trusted proxy', async () => {
    await startBehindNginx(0);
    expect(await leftFor(nginx.url, forwarded('192.0.2.1'), '127.0.2.5')).toBe(2);
    expect(await leftFor(nginx.url, forwarded('192.0.2.2'), '127.0.2.6')).toBe(1);
  });
});
