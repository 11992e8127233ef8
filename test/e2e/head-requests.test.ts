import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { type Received, send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

const pages: string[] = [];
const operations: string[] = [];

/** Records the path of each GET route as it is registered, by Nest or directly. */
@Module({})
class PathRecorder {
  constructor({ httpAdapter }: HttpAdapterHost<FastifyAdapter>) {
    httpAdapter.getInstance().addHook('onRoute', ({ url, method }) => {
      if (method !== 'GET') return;
      const path = url.replace(':template', 'welcome').replace(':session_id', '1');
      (url.startsWith('/api/') ? operations : pages).push(path);
    });
  }
}

/** The parts of a response that are equal for GET and HEAD. */
function comparable({ status, headers: { date: _date, 'x-request-id': _id, ...headers } }: Received): object {
  return { status, headers };
}

describe('HEAD', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [PathRecorder], settings: { DEBUG: 'True' } });
  });
  afterAll(() => app.stop());

  const both = async (path: string, headers: Record<string, string> = {}) => ({
    get: await send(app.url, path, { headers }),
    head: await send(app.url, path, { method: 'HEAD', headers }),
  });

  it('has the status and headers of GET, without a body, on every path outside the API', async () => {
    expect(pages).toEqual(
      expect.arrayContaining([
        '/',
        '/health',
        '/health/live',
        '/health/ready',
        '/metrics',
        '/docs',
        '/account/pages.js',
      ]),
    );
    expect(pages).toEqual(expect.arrayContaining(['/dev/mails', '/dev/mails/welcome', '/redoc/redoc.standalone.js']));
    for (const path of pages) {
      const { get, head } = await both(path);
      expect([path, get.status, head.text]).toEqual([path, 200, '']);
      expect(Number(get.headers['content-length'])).toBeGreaterThan(0);
      // The length changes with the values of the metrics.
      if (path === '/metrics') get.headers['content-length'] = head.headers['content-length'];
      expect([path, comparable(head)]).toEqual([path, comparable(get)]);
    }
  });

  it.each([
    ['/docs/swagger-ui.css', { 'accept-encoding': 'gzip' }, 200],
    ['/metrics', { 'x-forwarded-for': '203.0.113.5' }, 404],
    ['/dev/mails/unknown', {}, 404],
    ['/nowhere', { accept: 'application/problem+json' }, 404],
    ['/docs/', {}, 307],
  ] as const)('has the status and headers of GET for %s with %j: %i', async (path, headers, status) => {
    const { get, head } = await both(path, headers);
    expect([get.status, head.text]).toEqual([status, '']);
    // Problem details contain the id of the request; it has the same length each time.
    expect(comparable(head)).toEqual(comparable(get));
  });

  it('is refused with 405 on every path of the API and not listed in Allow', async () => {
    expect(operations).toContain('/api/v1/users/me');
    for (const path of operations) {
      const { status, headers } = await send(app.url, path, { method: 'HEAD' });
      expect([path, status]).toEqual([path, 405]);
      expect(String(headers.allow).split(', ')).toContain('GET');
      expect(String(headers.allow).split(', ')).not.toContain('HEAD');
    }
  });

  it('is listed in Allow outside the API', async () => {
    for (const path of pages) {
      const { status, headers } = await send(app.url, path, { method: 'DELETE' });
      expect([path, status, headers.allow]).toEqual([path, 405, 'GET, HEAD']);
    }
  });
});
