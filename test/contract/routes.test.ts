import { readFileSync } from 'node:fs';
import { Controller, Get, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Public } from '../../src/access/public.decorator.js';
import type { BodyRouteConfig } from '../../src/fastapi/body/body.decorators.js';
import type { RateLimitRouteConfig } from '../../src/platform/rate-limit/rate-limit.decorator.js';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

interface Route {
  method: string;
  path: string;
  body: string;
  limit: string;
}

const registered: Route[] = [];

/** Listens while everything is registered: what Nest maps and what is added to Fastify directly. */
@Module({})
class RouteRecorder {
  constructor({ httpAdapter }: HttpAdapterHost<FastifyAdapter>) {
    httpAdapter.getInstance().addHook('onRoute', ({ url, method, config }) => {
      const { body = '-', rateLimit: limit = 'general' } = (config ?? {}) as BodyRouteConfig & RateLimitRouteConfig;
      for (const one of [method].flat()) registered.push({ method: one, path: url, body, limit });
    });
  }
}

describe('the routes of the service', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [RouteRecorder], settings: { RATE_LIMIT: 'on' } });
  });
  afterAll(() => app.stop());

  /** Not what the route says of itself, but what it does to somebody without a token: whether it asks for one, and counts. */
  async function lineOf({ method, path, body, limit }: Route): Promise<string> {
    const { status, text, headers } = await send(app.url, path.replace(/:\w+/g, '1'), { method });
    const refused = status === 401 && (method === 'HEAD' || text === '{"detail":"Not authenticated"}');
    const counted = headers['ratelimit-limit'] !== undefined;
    return [method, path, refused ? 'token' : 'public', body, counted ? limit : '-'].join(' ');
  }

  it('are those of routes.txt, with access, body and limit: a new one is added there on purpose', async () => {
    const lines = await Promise.all(registered.map(lineOf));
    const [heading = '', ...table] = readFileSync(new URL('routes.txt', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    expect(heading.split(/ +/)).toEqual(['METHOD', 'PATH', 'ACCESS', 'BODY', 'LIMIT']);
    expect(lines.toSorted()).toEqual(table.map((line) => line.trim().replace(/ +/g, ' ')).toSorted());
  });
});

@Controller({ path: 'closed', version: '1' })
class ClosedController {
  @Get()
  nothingSaid(): string[] {
    return [];
  }

  @Get('opened')
  @Public()
  opened(): string[] {
    return [];
  }
}

@Public()
@Controller({ path: 'open', version: '1' })
class OpenController {
  @Get()
  nothingSaid(): string[] {
    return [];
  }
}

@Module({ controllers: [ClosedController, OpenController] })
class AccessModule {}

describe('a handler that says nothing of access', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [AccessModule] });
  });
  afterAll(() => app.stop());

  it('refuses who has no token', async () => {
    const answer = await send(app.url, '/api/v1/closed');
    expect([answer.status, answer.text]).toEqual([401, '{"detail":"Not authenticated"}']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('refuses who has a wrong token', async () => {
    const answer = await send(app.url, '/api/v1/closed', { token: 'x' });
    expect([answer.status, answer.text]).toEqual([401, '{"detail":"Could not validate credentials"}']);
  });

  it('answers who has a token', async () => {
    const { token } = await signedIn(app.url);
    expect((await send(app.url, '/api/v1/closed', { token })).status).toBe(200);
  });

  it('is opened by @Public() on the method or on the controller', async () => {
    expect((await send(app.url, '/api/v1/closed/opened')).status).toBe(200);
    expect((await send(app.url, '/api/v1/open')).status).toBe(200);
  });
});
