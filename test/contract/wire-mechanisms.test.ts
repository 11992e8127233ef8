import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import { GadgetsModule } from './gadgets.module.js';
import { type OpenApi } from './openapi-comparison.js';

describe('the HTTP behaviour of any route', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [GadgetsModule] });
  });
  afterAll(() => app.stop());

  describe('for a method that the path does not support', () => {
    it.each([
      ['PATCH', '/api/v1/gadgets/7', ['GET', 'PUT', 'DELETE']],
      ['POST', '/api/v1/gadgets/x', ['GET', 'PUT', 'DELETE']],
      ['GET', '/api/v1/gadgets', ['POST']],
      // The methods of this route and of the route with a parameter.
      ['PATCH', '/api/v1/gadgets/latest', ['GET', 'PUT', 'DELETE']],
      ['POST', '/api/v1/gadgets/7/files/a/b', ['GET']],
      ['DELETE', '/api/v2/gadgets/7', ['GET']],
      ['HEAD', '/api/v2/gadgets/7', ['GET']],
      ['OPTIONS', '/api/v2/gadgets/7', ['GET']],
      ['PURGE', '/api/v2/gadgets/7', ['GET']],
    ])('%s %s answers 405 with all methods of the path', async (method, path, allow) => {
      const answer = await send(app.url, path, { method });
      expect(answer.status).toBe(405);
      expect(String(answer.headers.allow).split(', ').toSorted()).toEqual(allow.toSorted());
      expect(answer.text).toBe(method === 'HEAD' ? '' : '{"detail":"Method Not Allowed"}');
    });
  });

  describe('for a path with trailing slashes', () => {
    it.each([
      ['GET', '/api/v1/gadgets/7/', '/api/v1/gadgets/7'],
      ['GET', '/api/v1/gadgets/7//?a=%20&b', '/api/v1/gadgets/7?a=%20&b'],
      ['PROPFIND', '/api/v1/gadgets/', '/api/v1/gadgets'],
      ['GET', '/api/v2/gadgets/7/', '/api/v2/gadgets/7'],
      ['GET', '/api/v1/gadgets/%C3%A9/', '/api/v1/gadgets/%C3%A9'],
      // Encoded characters in a path must not become a query or a fragment.
      ['GET', '/api/v1/gadgets/a%3Fb%23c%25/', '/api/v1/gadgets/a%3Fb%23c%25'],
    ])('%s %s answers 307', async (method, path, location) => {
      const answer = await send(app.url, path, { method });
      expect([answer.status, answer.text]).toEqual([307, '']);
      expect(answer.headers.location).toBe(`${app.url}${location}`);
      expect(answer.headers).not.toHaveProperty('content-type');
    });

    it.each(['/api/v3/gadgets/7/', '/api/v1/gadget/', '//api/v1/gadgets/7/', '/api/v1//gadgets/7'])(
      '%s answers 404, since no route matches it without trailing slashes',
      async (path) => {
        const answer = await send(app.url, path);
        expect([answer.status, answer.text]).toEqual([404, '{"detail":"Not Found"}']);
      },
    );
  });

  describe('for a second version of a route', () => {
    it('serves both versions', async () => {
      expect((await send(app.url, '/api/v1/gadgets/7')).body).toEqual({ version: 1, id: 7 });
      expect((await send(app.url, '/api/v2/gadgets/7')).body).toEqual({ version: 2, id: 7 });
    });

    it('serves other routes only in the first version', async () => {
      expect((await send(app.url, '/api/v2/gadgets/latest')).status).toBe(422);
      expect((await send(app.url, '/api/v2/users/me')).status).toBe(404);
    });

    it('documents both versions with separate operation ids', async () => {
      const { body } = await send<OpenApi>(app.url, '/openapi.json');
      expect(body.paths['/api/v1/gadgets/{id}']?.get?.operationId).toBe('read_gadget_api_v1_gadgets__id__get');
      expect(body.paths['/api/v2/gadgets/{id}']?.get?.operationId).toBe('read_gadget_api_v2_gadgets__id__get');
    });
  });

  describe('for a deprecated route', () => {
    // RFC 9745: seconds since 1970 as a structured date. RFC 8594: an HTTP date.
    const announced = {
      deprecation: '@1767520800',
      sunset: 'Mon, 04 Jan 2027 10:00:00 GMT',
      link: '</api/v2/gadgets/{id}>; rel="successor-version"',
    };

    it.each([
      [200, '/api/v1/gadgets/7'],
      [400, '/api/v1/gadgets/0'],
      [422, '/api/v1/gadgets/x'],
      [500, '/api/v1/gadgets/-1'],
    ])('sends the deprecation headers with status %i', async (status, path) => {
      const answer = await send(app.url, path);
      expect(answer.status).toBe(status);
      expect(answer.headers).toMatchObject(announced);
    });

    it('sends no Sunset and Link header if the decorator does not set them', async () => {
      const { headers } = await send(app.url, '/api/v1/gadgets/7', { method: 'DELETE' });
      expect(headers).toMatchObject({ deprecation: '@1767520800' });
      expect(headers).not.toHaveProperty('sunset');
      expect(headers).not.toHaveProperty('link');
    });

    it.each(['/api/v1/gadgets/latest', '/api/v2/gadgets/7', '/api/v1/gadgets/7/'])(
      'sends no deprecation header for %s',
      async (path) => {
        expect((await send(app.url, path)).headers).not.toHaveProperty('deprecation');
      },
    );

    it('marks only the deprecated operations in the document', async () => {
      const { body } = await send<OpenApi>(app.url, '/openapi.json');
      const { get, put, delete: remove } = body.paths['/api/v1/gadgets/{id}'] ?? {};
      expect([get?.deprecated, put?.deprecated, remove?.deprecated]).toEqual([true, undefined, true]);
      expect(body.paths['/api/v2/gadgets/{id}']?.get?.deprecated).toBeUndefined();
    });
  });
});
