import { Controller, Get, Module, Post } from '@nestjs/common';
import { Public } from '../../src/access/public.decorator.js';
import { JsonBody } from '../../src/fastapi/body/body.decorators.js';
import { StringField } from '../../src/fastapi/validation/field.decorators.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { anotherClient, type Received, send, type Sent } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const LIMIT = 5;
const ORIGIN = 'http://localhost:3000';

class Note {
  @StringField()
  text: string;
}

@Public()
@Controller({ path: 'limited', version: '1' })
class LimitedController {
  @Get()
  nothing(): string[] {
    return [];
  }

  @Post()
  take(@JsonBody() { text }: Note): string {
    return text;
  }
}

@Module({ controllers: [LimitedController] })
class LimitedModule {}

let app: TestApp;
const ask = (from: string, path = '/api/v1/limited', sent: Sent = {}) => send(app.url, path, { from, ...sent });

async function exhaust(from: string): Promise<void> {
  for (let request = 0; request < LIMIT; request += 1) expect((await ask(from)).status).toBe(200);
}

const limitOf = ({ headers }: Received) => [headers['ratelimit-limit'], headers['ratelimit-remaining']];

beforeAll(async () => {
  app = await TestApp.start({
    imports: [LimitedModule],
    settings: {
      RATE_LIMIT: 'on',
      RATE_LIMIT_REQUESTS_PER_MINUTE: String(LIMIT),
      CORS_ORIGINS: JSON.stringify([ORIGIN]),
    },
  });
});
afterAll(() => app.stop());

describe('the request limit of a client', () => {
  it('shows the remaining requests on every response, then refuses with 429', async () => {
    const from = anotherClient();
    for (let left = LIMIT - 1; left >= 0; left -= 1) {
      const answer = await ask(from);
      expect([answer.status, ...limitOf(answer)]).toEqual([200, String(LIMIT), String(left)]);
      expect(answer.headers).not.toHaveProperty('retry-after');
    }
    const refused = await ask(from);
    expect([refused.status, refused.text]).toEqual([429, '{"detail":"Too many requests. Please try again later."}']);
    expect(limitOf(refused)).toEqual([String(LIMIT), '0']);
    expect(refused.headers['retry-after']).toBe(refused.headers['ratelimit-reset']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
  });

  it('is shared by all routes of the API and all outcomes', async () => {
    const from = anotherClient();
    const answers = [
      await ask(from),
      await ask(from, '/api/v1/limited', { body: { text: 7 } }),
      await ask(from, '/api/v1/users/me'),
      await ask(from, '/api/v1/limited?x'),
      await ask(from, '/api/v1/auth/login-json', { body: {} }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 422, 401, 200, 422]);
    expect(answers.map((answer) => limitOf(answer)[1])).toEqual(['4', '3', '2', '1', '0']);
    expect((await ask(from, '/api/v1/users/me')).status).toBe(429);
  });

  it('does not affect other clients', async () => {
    await exhaust(anotherClient());
    expect(limitOf(await ask(anotherClient()))).toEqual([String(LIMIT), String(LIMIT - 1)]);
  });

  it('applies before the body is read and before authentication', async () => {
    const from = anotherClient();
    await exhaust(from);
    expect((await ask(from, '/api/v1/limited', { body: 'x'.repeat(2_000_000) })).status).toBe(429);
    expect((await ask(from, '/api/v1/users/me', { token: 'x' })).status).toBe(429);
  });

  it('does not count preflights, pages, health probes or unknown routes', async () => {
    const from = anotherClient();
    const preflight = { origin: ORIGIN, 'access-control-request-method': 'GET' };
    const uncounted: Received[] = [];
    for (let round = 0; round < LIMIT; round += 1) {
      uncounted.push(
        await ask(from, '/api/v1/limited', { method: 'OPTIONS', headers: preflight }),
        await ask(from, '/health'),
        await ask(from, '/'),
        await ask(from, '/openapi.json'),
        await ask(from, '/docs'),
        await ask(from, '/api/v1/nothing'),
        await ask(from, '/api/v1/limited', { method: 'DELETE' }),
      );
    }
    for (const answer of uncounted) expect(limitOf(answer)).toEqual([undefined, undefined]);
    expect(uncounted.slice(-7).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 404, 405]);
    expect(limitOf(await ask(from))).toEqual([String(LIMIT), String(LIMIT - 1)]);
  });

  it('can be read by a script of an allowed origin, even on a 429', async () => {
    const from = anotherClient();
    await exhaust(from);
    const { status, headers } = await ask(from, '/api/v1/limited', { headers: { origin: ORIGIN } });
    expect([status, headers['access-control-allow-origin']]).toEqual([429, ORIGIN]);
    expect(headers['access-control-expose-headers']?.split(', ')).toEqual(
      expect.arrayContaining(['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset']),
    );
  });

  it('has metrics of refused requests and tracked clients', async () => {
    const { registry } = app.nest.get(Metrics);
    const refused = async () =>
      (await registry.getSingleMetric('rate_limited_total')?.get())?.values.find(
        ({ labels }) => labels.policy === 'general',
      )?.value ?? 0;
    const policies = (await registry.getSingleMetric('rate_limited_total')?.get())?.values.map(
      ({ labels }) => labels.policy,
    );
    expect(policies?.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      'export',
      'general',
      'login',
      'mail',
      'register',
      'rename',
    ]);
    const tracked = async () =>
      (await registry.getSingleMetric('rate_limit_tracked_clients')?.get())?.values[0]?.value ?? 0;
    const before = { refused: await refused(), tracked: await tracked() };
    const from = anotherClient();
    await exhaust(from);
    await ask(from);
    expect(await refused()).toBe(before.refused + 1);
    expect(await tracked()).toBe(before.tracked + 1);
  });
});

describe('the address under which a request is counted', () => {
  /** Headers with which a client could pose as another one. */
  const spoofedHeaders = (index: number): Record<string, string>[] => [
    { 'x-forwarded-for': `203.0.113.${index}` },
    { 'x-real-ip': `203.0.113.${index}` },
    { forwarded: `for=203.0.113.${index}` },
    { 'cf-connecting-ip': `203.0.113.${index}` },
    { 'true-client-ip': `203.0.113.${index}` },
    { 'x-client-ip': `203.0.113.${index}`, 'x-cluster-client-ip': `203.0.113.${index}` },
    { 'fastly-client-ip': `203.0.113.${index}`, 'x-forwarded': `for=203.0.113.${index}` },
  ];

  it('is the address of the connection, regardless of headers', async () => {
    const from = anotherClient();
    await exhaust(from);
    for (const headers of spoofedHeaders(1)) expect((await ask(from, '/api/v1/limited', { headers })).status).toBe(429);
  });
});
