import { readFileSync } from 'node:fs';
import { Controller, Get, Module } from '@nestjs/common';
import { Public } from '../../src/access/public.decorator.js';
import type { BodyRouteConfig } from '../../src/fastapi/body/body.decorators.js';
import { generalLimit } from '../../src/platform/rate-limit/general-policy.js';
import { limitsOf } from '../../src/platform/rate-limit/rate-limit.decorator.js';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { type RecordedRoute, recordedRoutes, RouteRecorder } from '../support/route-recorder.js';
import { TestApp } from '../support/test-app.js';

describe('the routes of the service', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [RouteRecorder], settings: { RATE_LIMIT: 'on' } });
  });
  afterAll(() => app.stop());

  /** Access and the general limit are what the route does to a request without a token. Its other limits are metadata. */
  async function lineOf({ method, path, config }: RecordedRoute): Promise<string> {
    const { body = '-' } = config as BodyRouteConfig;
    const limits = limitsOf(config).map(({ name }) => name);
    const { status, text, headers } = await send(app.url, path.replace(/:\w+/g, '1'), { method });
    const refused = status === 401 && (method === 'HEAD' || text === '{"detail":"Not authenticated"}');
    const enforced = [...(headers['ratelimit-limit'] === undefined ? [] : [generalLimit.name]), ...limits];
    return [method, path, refused ? 'token' : 'public', body, enforced.join(',') || '-'].join(' ');
  }

  it('are those of routes.txt, with access, body and limits: a new one is added there on purpose', async () => {
    const lines = await Promise.all(recordedRoutes.map(lineOf));
    const [heading = '', ...table] = readFileSync(new URL('routes.txt', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    expect(heading.split(/ +/)).toEqual(['METHOD', 'PATH', 'ACCESS', 'BODY', 'LIMITS']);
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
