import fastify from 'fastify';
import { RouteTable } from './route-table.js';

describe('RouteTable', () => {
  async function tableOf(...routes: [method: string | string[], url: string][]): Promise<RouteTable> {
    const app = fastify({ exposeHeadRoutes: false });
    const table = RouteTable.of(app);
    for (const [method, url] of routes) app.route({ method, url, handler: () => null });
    await app.ready();
    return table;
  }

  it('lists the methods of a path in the order of their routes', async () => {
    const table = await tableOf(['GET', '/users'], ['POST', '/users'], ['DELETE', '/users/:id']);
    expect(table.methodsOf('/users')).toEqual(['GET', 'POST']);
    expect(table.methodsOf('/users/7')).toEqual(['DELETE']);
  });

  it('lists each method of a route with several methods once', async () => {
    const table = await tableOf([['GET', 'HEAD'], '/docs'], ['POST', '/docs']);
    expect(table.methodsOf('/docs')).toEqual(['GET', 'HEAD', 'POST']);
  });

  it('merges the methods of all matching routes', async () => {
    const table = await tableOf(['GET', '/users/me'], ['PUT', '/users/:id'], ['GET', '/users/:id']);
    expect(table.methodsOf('/users/me')).toEqual(['GET', 'PUT']);
  });

  it('matches whole paths, case-sensitively', async () => {
    const table = await tableOf(['GET', '/users/me']);
    for (const path of [
      '/users',
      '/users/me/',
      '/users/me/x',
      '/x/users/me',
      '/Users/me',
      'users/me',
      '/users/me\n',
      '',
    ]) {
      expect(table.methodsOf(path)).toEqual([]);
    }
  });

  it('matches a parameter with one non-empty segment of any characters', async () => {
    const table = await tableOf(['GET', '/users/:id/posts']);
    expect(table.methodsOf('/users/a b\n✓/posts')).toEqual(['GET']);
    for (const path of ['/users//posts', '/users/a/b/posts', '/users/posts']) expect(table.methodsOf(path)).toEqual([]);
  });

  it('matches a trailing star with anything', async () => {
    const table = await tableOf(['GET', '/assets/*']);
    for (const path of ['/assets/', '/assets/a', '/assets/a/b\nc']) expect(table.methodsOf(path)).toEqual(['GET']);
    expect(table.methodsOf('/assets')).toEqual([]);
  });

  it('matches every other character literally', async () => {
    const table = await tableOf(['GET', '/openapi.json'], ['GET', '/a(b)+[c]{d}^$|']);
    expect(table.methodsOf('/openapi.json')).toEqual(['GET']);
    expect(table.methodsOf('/openapiXjson')).toEqual([]);
    expect(table.methodsOf('/a(b)+[c]{d}^$|')).toEqual(['GET']);
  });

  it('is empty without routes', async () => {
    expect((await tableOf()).methodsOf('/')).toEqual([]);
  });
});
