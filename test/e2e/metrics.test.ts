/** @own-sources because it declares errors, permissions or limits */
import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { PASSWORD, register, signIn, uniqueName } from '../support/accounts.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { type Received, send, type Sent } from '../support/http-client.js';
import { ProbeModule } from '../support/probe.module.js';
import { findProgram } from '../support/programs.js';
import { scrape, valueIn } from '../support/scrape.js';
import { TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const TOKEN = 'a-token-that-prometheus-knows';
const FORWARDED = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded', 'x-real-ip', 'via'];

const { logger, lines } = collectingLogger();
let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start({
    settings: { METRICS_TOKEN: TOKEN, TRUST_PROXY: '1', LOG_LEVEL: 'trace' },
    imports: [ProbeModule],
    logger,
  });
});
afterAll(() => app.stop());

/** The parts of a response that could distinguish two paths. */
function visible({ status, text, headers }: Received): object {
  const { date: _date, 'x-request-id': _id, ...rest } = headers;
  return { status, text, headers: rest };
}

describe('GET /metrics', () => {
  it('responds in the text format of Prometheus and forbids caching', async () => {
    const answer = await send(app.url, '/metrics');
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
    });
    expect(answer.text).toMatch(/^# HELP /);
    expect(answer.text.endsWith('\n')).toBe(true);
  });

  it('has the response of an unknown path for a remote client without the token', async () => {
    const remote: Sent[] = FORWARDED.map((name) => ({ headers: { [name]: '127.0.0.1' } }));
    remote.push({ headers: { via: '1.1 x' }, token: 'wrong' }, { headers: { via: '1.1 x' }, token: `${TOKEN}x` });
    for (const sent of remote) {
      const unknown = visible(await send(app.url, '/metricz', sent));
      expect(visible(await send(app.url, '/metrics', sent))).toEqual(unknown);
      expect(unknown).toMatchObject({ status: 404, text: '{"detail":"Not Found"}' });
    }
  });

  it('responds to a remote client with the token', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    expect((await send(app.url, '/metrics', { headers, token: TOKEN })).status).toBe(200);
  });

  it('logs a wrong token, but not on every request', async () => {
    const refusals = (): string[] => lines.filter((line) => line.includes('METRICS_TOKEN'));
    for (let times = 0; times < 3; times += 1) {
      await send(app.url, '/metrics', { headers: { forwarded: 'for=x' }, token: 'wrong' });
    }
    expect(refusals()).toHaveLength(1);
    expect(refusals()[0]).toContain('its token is not METRICS_TOKEN');
  });

  it('passes promtool', async () => {
    const promtool = findProgram('promtool');
    if (!promtool) return console.warn('SKIPPED: promtool not found (Debian: apt-get install prometheus)');
    const { text } = await send(app.url, '/metrics');
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('request metrics', () => {
  const counted = async (method: string, route: string, status: number): Promise<number> =>
    valueIn(await scrape(app.url), 'http_request_duration_seconds_count', { method, route, status: String(status) });

  it('count by method, route template and status', async () => {
    for (const name of ['a', 'b', 'c']) await send(app.url, `/api/v1/probe/named/${name}?limit=7`);
    await send(app.url, '/api/v1/probe/named/d?limit=none');
    await send(app.url, '/api/v1/probe/failing');
    expect(await counted('GET', '/api/v1/probe/named/:name', 200)).toBe(3);
    expect(await counted('GET', '/api/v1/probe/named/:name', 422)).toBe(1);
    expect(await counted('GET', '/api/v1/probe/failing', 500)).toBe(1);
  });

  it('count every unknown path under one label', async () => {
    await send(app.url, '/random');
    const before = await counted('GET', '(unmatched)', 404);
    await Promise.all(Array.from({ length: 20 }, (_, index) => send(app.url, `/random/${index}`)));
    await send(app.url, '/health', { method: 'DELETE' });
    expect(await counted('GET', '(unmatched)', 404)).toBe(before + 20);
    expect(await counted('DELETE', '(unmatched)', 405)).toBe(1);
    expect(await scrape(app.url)).not.toContain('random');
  });

  it('have cumulative buckets', async () => {
    const text = await scrape(app.url);
    const buckets = text
      .split('\n')
      .filter((line) => line.startsWith('http_request_duration_seconds_bucket') && line.includes('named/:name"'))
      .filter((line) => line.includes('status="200"'))
      .map((line) => Number(line.split(' ')[1]));
    expect(buckets).toHaveLength(14);
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
    expect(buckets.at(-1)).toBe(3);
  });

  it('count a client that disconnects early as 499 and not as in flight', async () => {
    const aborted = { method: 'POST', route: '/api/v1/auth/login-json', status: '499' };
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /api/v1/auth/login-json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n');
    socket.write('Content-Length: 100\r\n\r\n{');
    await until(async () => valueIn(await scrape(app.url), 'http_requests_in_flight') === 2);
    socket.destroy();
    await until(async () => valueIn(await scrape(app.url), 'http_request_duration_seconds_count', aborted) === 1);
    expect(valueIn(await scrape(app.url), 'http_requests_in_flight')).toBe(1);
  });
});

describe('account metrics', () => {
  const outcomes = async (name: string): Promise<Record<string, number>> => {
    const text = await scrape(app.url);
    const found = text.matchAll(new RegExp(`^${name}\\{outcome="(\\w+)"\\} (\\d+)$`, 'gm'));
    return Object.fromEntries([...found].map(([, outcome = '', value]) => [outcome, Number(value)]));
  };

  it('count sign-ins by outcome for both login routes', async () => {
    const before = await outcomes('auth_logins_total');
    expect(before).toMatchObject({ success: 0, invalid_credentials: 0, inactive: 0, throttled: 0, shed: 0, error: 0 });
    const account = await register(app.url);
    await signIn(app.url, account);
    const form = new URLSearchParams({ username: account.username, password: account.password });
    await send(app.url, '/api/v1/auth/login', { body: form });
    await send(app.url, '/api/v1/auth/login-json', { body: { username: uniqueName(), password: PASSWORD } });
    await app.sql('UPDATE users SET is_active = false WHERE id = $1', [account.id]);
    await send(app.url, '/api/v1/auth/login-json', { body: account });
    expect(await outcomes('auth_logins_total')).toEqual({ ...before, success: 2, invalid_credentials: 1, inactive: 1 });
  });

  it('count registrations by outcome', async () => {
    const before = await outcomes('auth_registrations_total');
    const { username } = await register(app.url);
    await send(app.url, '/api/v1/auth/register', { body: { username, password: PASSWORD } });
    await send(app.url, '/api/v1/auth/register', { body: { username: 'x' } });
    const { success = 0, taken = 0 } = before;
    expect(await outcomes('auth_registrations_total')).toEqual({ ...before, success: success + 1, taken: taken + 1 });
  });
});

describe('process metrics', () => {
  it('include the build, workers, pool, event loop and memory', async () => {
    const text = await scrape(app.url);
    const [major] = process.versions.node.split('.');
    expect(text).toMatch(new RegExp(`^app_build_info\\{version="\\d+\\.\\d+\\.\\d+",node="v${major}\\..*\\} 1$`, 'm'));
    expect(valueIn(text, 'app_workers')).toBe(1);
    expect(valueIn(text, 'app_workers_ready')).toBe(1);
    expect(valueIn(text, 'db_pool_max')).toBe(10);
    expect(valueIn(text, 'db_pool_connections')).toBeGreaterThan(0);
    expect(valueIn(text, 'db_pool_wait_seconds_count')).toBeGreaterThan(0);
    expect(valueIn(text, 'nodejs_eventloop_delay_seconds_count')).toBeGreaterThan(0);
    expect(valueIn(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(Math.abs(valueIn(text, 'process_start_time_seconds') * 1000 - performance.timeOrigin)).toBeLessThan(1);
  });
});
