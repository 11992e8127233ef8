import { Controller, Get, Module, Param, Query } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, type ApplicationConfig } from '@nestjs/core';
import { AppModule } from '../../src/app.module.js';
import { IntegerField } from '../../src/fastapi/validation/field.decorators.js';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

class NumberedPath {
  @IntegerField()
  number: number;
}

class NumberedQuery {
  @IntegerField()
  limit: number;
}

@Controller({ path: 'numbered', version: '1' })
class NumberedController {
  @Get(':number')
  read(@Param() { number }: NumberedPath, @Query() { limit }: NumberedQuery): number[] {
    return [number, limit];
  }
}

@Module({ controllers: [NumberedController] })
class NumberedModule {}

const GLOBAL_TOKENS = new Set<unknown>([APP_GUARD, APP_INTERCEPTOR, APP_PIPE, APP_FILTER]);

function namesOf(instances: object[]): string[] {
  return instances.map(({ constructor }) => constructor.name);
}

describe('the global guards, interceptors, pipes and filters', () => {
  let app: TestApp;
  let config: ApplicationConfig;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [NumberedModule] });
    // Nest has no public API for the list of global enhancers.
    config = Reflect.get(app.nest, 'config') as ApplicationConfig;
  });
  afterAll(() => app.stop());

  it('run in this order', () => {
    expect({
      guards: namesOf(config.getGlobalGuards()),
      interceptors: namesOf(config.getGlobalInterceptors()),
      pipes: namesOf(config.getGlobalPipes()),
      filters: namesOf(config.getGlobalFilters()),
    }).toEqual({
      guards: ['AuthenticationGuard', 'AccessGuard', 'RecentSignInGuard', 'CompleteValidationGuard'],
      interceptors: [],
      pipes: ['ValidationPipe'],
      filters: ['ErrorFilter'],
    });
  });

  it('are singletons instead of request-scoped', () => {
    const perRequest = [
      config.getGlobalRequestGuards(),
      config.getGlobalRequestInterceptors(),
      config.getGlobalRequestPipes(),
      config.getGlobalRequestFilters(),
    ];
    expect(perRequest.flat()).toEqual([]);
  });

  it('are declared only in AppModule', () => {
    const { providers = [] } = AppModule.forRoot(app.environment, app.database);
    const declared = providers.filter((one) => 'provide' in one && GLOBAL_TOKENS.has(one.provide));
    const running = [
      ...config.getGlobalGuards(),
      ...config.getGlobalInterceptors(),
      ...config.getGlobalPipes(),
      ...config.getGlobalFilters(),
    ];
    expect(running).toHaveLength(declared.length);
  });

  it('authenticate before they validate, and list errors of path and query in one 422', async () => {
    const { token } = await signedIn(app.url);
    const path = '/api/v1/numbered/one?limit=two';
    expect((await send(app.url, path)).status).toBe(401);
    const { status, text } = await send(app.url, path, { token });
    const { detail } = JSON.parse(text) as { detail: { loc: string[] }[] };
    expect([status, detail.map(({ loc }) => loc)]).toEqual([
      422,
      [
        ['path', 'number'],
        ['query', 'limit'],
      ],
    ]);
  });
});
