/** @own-sources because it declares errors, permissions or limits */
import { readFileSync } from 'node:fs';
import { Controller, Get, Module, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { Public } from '../../src/access/public.decorator.js';
import { REQUIRED_PERMISSION } from '../../src/access/requires.decorator.js';
import { AccessMetadataCheck } from '../../src/auth/guards/access-metadata-check.js';
import type { BodyRouteConfig } from '../../src/fastapi/body/body.decorators.js';
import { generalLimit } from '../../src/platform/rate-limit/general.limits.js';
import { limitsOf } from '../../src/platform/rate-limit/rate-limit.decorator.js';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { OrdersModule } from '../support/orders.module.js';
import { type RecordedRoute, recordedRoutes, RouteRecorder } from '../support/route-recorder.js';
import { TestApp } from '../support/test-app.js';

/** The permissions that handlers require, keyed by routes such as `GET /api/v1/orders`. */
function permissionsIn(app: TestApp): ReadonlyMap<string, string> {
  const reflector = new Reflector();
  const permissions = new Map<string, string>();
  for (const { metatype: controller } of app.nest.get(DiscoveryService).getControllers()) {
    const prototype = controller?.prototype as Record<string, () => unknown>;
    for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
      const places = [prototype[name], controller] as Type[];
      const permission = reflector.getAllAndOverride<string | undefined>(REQUIRED_PERMISSION, places);
      const [method = 0] = reflector.getAll<RequestMethod[]>(METHOD_METADATA, places);
      const path = reflector.getAll<string[]>(PATH_METADATA, places).toReversed();
      const route = ['/api/v1', ...path.filter((part) => part !== '/')].join('/');
      if (permission) permissions.set(`${RequestMethod[method]} ${route}`, permission);
    }
  }
  return permissions;
}

describe('the routes of the service', () => {
  let app: TestApp;
  let permissions: ReadonlyMap<string, string>;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [RouteRecorder, OrdersModule], settings: { RATE_LIMIT: 'on' } });
    permissions = permissionsIn(app);
  });
  afterAll(() => app.stop());

  /** Access and the general limit come from the response to a request without a token, the rest from metadata. */
  async function lineOf({ method, path, config }: RecordedRoute): Promise<string> {
    const { body = '-' } = config as BodyRouteConfig;
    const limits = limitsOf(config).map(({ name }) => name);
    const { status, text, headers } = await send(app.url, path.replace(/:\w+/g, '1'), { method });
    const refused = status === 401 && (method === 'HEAD' || text === '{"detail":"Not authenticated"}');
    const enforced = [...(headers['ratelimit-limit'] === undefined ? [] : [generalLimit.name]), ...limits];
    const permission = permissions.get(`${method} ${path}`) ?? '-';
    return [method, path, refused ? 'token' : 'public', permission, body, enforced.join(',') || '-'].join(' ');
  }

  const isTestRoute = ({ path }: RecordedRoute) => /^\/api\/v1\/(orders|cancellations)/.test(path);

  it('match routes.txt in access, permission, body and limits', async () => {
    const lines = await Promise.all(recordedRoutes.filter((route) => !isTestRoute(route)).map(lineOf));
    const [heading = '', ...table] = readFileSync(new URL('routes.txt', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    expect(heading.split(/ +/)).toEqual(['METHOD', 'PATH', 'ACCESS', 'PERMISSION', 'BODY', 'LIMITS']);
    expect(lines.toSorted()).toEqual(table.map((line) => line.trim().replace(/ +/g, ' ')).toSorted());
  });

  it('require the permission of the method or of the controller', async () => {
    expect((await Promise.all(recordedRoutes.filter(isTestRoute).map(lineOf))).toSorted()).toEqual([
      'GET /api/v1/cancellations token orders:cancel - general',
      'GET /api/v1/orders token orders:read - general',
      'GET /api/v1/orders/own token - - general',
    ]);
  });

  it('are checked at the start for undefined permissions', () => {
    expect(app.nest.get(AccessMetadataCheck)).toBeInstanceOf(AccessMetadataCheck);
  });
});

@Controller({ path: 'closed', version: '1' })
class ClosedController {
  @Get()
  undecorated(): string[] {
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
  undecorated(): string[] {
    return [];
  }
}

@Module({ controllers: [ClosedController, OpenController] })
class AccessModule {}

describe('a handler without an access decorator', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [AccessModule] });
  });
  afterAll(() => app.stop());

  it('refuses a request without a token', async () => {
    const answer = await send(app.url, '/api/v1/closed');
    expect([answer.status, answer.text]).toEqual([401, '{"detail":"Not authenticated"}']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('refuses an invalid token', async () => {
    const answer = await send(app.url, '/api/v1/closed', { token: 'x' });
    expect([answer.status, answer.text]).toEqual([401, '{"detail":"Could not validate credentials"}']);
  });

  it('accepts a valid token', async () => {
    const { token } = await signedIn(app.url);
    expect((await send(app.url, '/api/v1/closed', { token })).status).toBe(200);
  });

  it('is public with @Public() on the method or on the controller', async () => {
    expect((await send(app.url, '/api/v1/closed/opened')).status).toBe(200);
    expect((await send(app.url, '/api/v1/open')).status).toBe(200);
  });
});
