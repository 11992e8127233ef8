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

/** How much of its limit the client has left after this request, who is taken for another one with every new header. */
async function leftFor(url: string, headers: Record<string, string>, from = '127.0.0.1'): Promise<number> {
  const answer = await send(url, '/api/v1/users/me', { headers, from });
  return Number(answer.headers['ratelimit-remaining']);
}

const forwarded = (...addresses: string[]) => ({ 'x-forwarded-for': addresses.join(', ') });

describe('the client behind trusted proxies', () => {
  let app: TestApp;

  afterEach(() => app.stop());

  it('is what the one proxy has added at the end, whatever stands before it', async () => {
    app = await startTrusting(1);
    expect(await leftFor(app.url, forwarded('192.0.2.1'))).toBe(2);
    expect(await leftFor(app.url, forwarded('198.51.100.7', '192.0.2.1'))).toBe(1);
    expect(
      await leftFor(app.url, { ...forwarded('192.0.2.1'), 'x-real-ip': '192.0.2.9', forwarded: 'for=192.0.2.8' }),
    ).toBe(0);
    expect(await leftFor(app.url, forwarded('192.0.2.1', '192.0.2.2'))).toBe(2);
    expect(await leftFor(app.url, { 'x-real-ip': '192.0.2.1', 'cf-connecting-ip': '192.0.2.1' })).toBe(2);
  });

  it('is what the second proxy has seen where there are two', async () => {
    app = await startTrusting(2);
    expect(await leftFor(app.url, forwarded('198.51.100.7', '192.0.2.1', '10.0.0.1'))).toBe(2);
    expect(await leftFor(app.url, forwarded('198.51.100.8', '192.0.2.1', '10.0.0.1'))).toBe(1);
    expect(await leftFor(app.url, forwarded('192.0.2.2', '10.0.0.1'))).toBe(2);
  });

  it('is a network of IPv6, an IPv4 address in either form, and one for all that is no address', async () => {
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

  it('is its own address: two of them do not share a limit, and none chooses it', async () => {
    await startBehindNginx(1);
    expect(await leftFor(nginx.url, {}, '127.0.2.1')).toBe(2);
    expect(await leftFor(nginx.url, forwarded('192.0.2.1'), '127.0.2.1')).toBe(1);
    expect(await leftFor(nginx.url, forwarded('192.0.2.2'), '127.0.2.1')).toBe(0);
    expect(
      (await send(nginx.url, '/api/v1/users/me', { headers: forwarded('192.0.2.3'), from: '127.0.2.1' })).status,
    ).toBe(429);
    expect(await leftFor(nginx.url, {}, '127.0.2.2')).toBe(2);
  });

  it('is what the tries of passwords are counted under', async () => {
    await startBehindNginx(1);
    const guess = async (from: string, username: string) => {
      const body = { username, password: 'wrong-password' };
      return (await send(nginx.url, '/api/v1/auth/login-json', { body, from, headers: forwarded(username) })).status;
    };
    // The general limit is as low here: a client of its own for what it would refuse.
    for (const username of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
      expect(await guess('127.0.2.3', username)).toBe(401);
    expect(await guess('127.0.2.3', '192.0.2.4')).toBe(429);
    expect(await guess('127.0.2.4', '192.0.2.4')).toBe(401);
    const keys = await app.sql<{ key: string }>(
      `SELECT key FROM rate_limits WHERE key LIKE 'login:client:%' ORDER BY key`,
    );
    expect(keys).toEqual([{ key: 'login:client:127.0.2.3' }, { key: 'login:client:127.0.2.4' }]);
  });

  it('is nginx itself where no proxy is trusted', async () => {
    await startBehindNginx(0);
    expect(await leftFor(nginx.url, forwarded('192.0.2.1'), '127.0.2.5')).toBe(2);
    expect(await leftFor(nginx.url, forwarded('192.0.2.2'), '127.0.2.6')).toBe(1);
  });
});
