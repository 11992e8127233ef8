import { readFileSync } from 'node:fs';
import { signedIn } from '../support/accounts.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';
import {
  asFastApiWouldHave,
  type OpenApi,
  operationsOf,
  recordedDocument,
  schemaAsFastApiWouldHave,
} from './openapi-comparison.js';
import { comparable, differences, type RecordedRequest } from './recorded-answer.js';
import { given, WidgetsModule } from './widgets.module.js';

const { requests } = JSON.parse(readFileSync(new URL('widgets-vectors.json', import.meta.url), 'utf8')) as {
  requests: RecordedRequest[];
};

describe('routes of a later feature', () => {
  let app: TestApp;
  let token: string;

  beforeAll(async () => {
    app = await TestApp.start({ imports: [WidgetsModule] });
    ({ token } = await signedIn(app.url));
  });
  afterAll(() => app.stop());

  it.each(requests.map((request) => [request.name, request] as const))(
    'answer like FastAPI: %s',
    async (_name, request) => {
      const headers = Object.entries(request.headers ?? {}).map(([name, value]) => [
        name,
        value.replace('{{token}}', token),
      ]);
      const received = await send(app.url, request.path, {
        method: request.method,
        headers: Object.fromEntries(headers) as Record<string, string>,
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      expect(differences(comparable(received, request, app.url), request)).toEqual([]);
    },
  );

  it('pass coerced parameters to the handler, with defaults and the last of repeated values', async () => {
    const answer = await send(app.url, '/api/v1/widgets/7?limit=9&limit=1_0&active=OFF&needed=&other=x', { token });
    expect(answer.status).toBe(200);
    expect(given.path).toEqual({ widget_id: 7 });
    expect(given.query).toEqual({ limit: 10, active: false, order: 'id', q: null, needed: '' });
    expect(Object.keys(given.query ?? {})).toEqual(['limit', 'active', 'order', 'q', 'needed']);
  });

  it('pass only the declared fields of the body to the handler, normalised', async () => {
    const body = { code: 'abc', level: '7', armed: 'yes', kind: 'fan', owner: ' a@EXAMPLE.com ', __proto__x: 1, id: 2 };
    await send(app.url, '/api/v1/widgets', { body });
    expect(given.body).toEqual({
      code: 'abc',
      level: 7,
      armed: true,
      kind: 'fan',
      owner: 'a@example.com',
      note: null,
      size: 3,
    });
  });

  describe('are documented like in FastAPI', () => {
    const recorded = recordedDocument('widgets-openapi.json');
    let document: OpenApi;

    beforeAll(async () => {
      document = (await send<OpenApi>(app.url, '/openapi.json')).body;
    });

    it.each(operationsOf(recorded).map(([path, method]) => [method, path]))(
      'in the operation %s %s',
      (method, path) => {
        const operation = document.paths[path]?.[method];
        expect(operation && asFastApiWouldHave(operation)).toEqual(recorded.paths[path]?.[method]);
      },
    );

    it.each(Object.keys(recorded.components.schemas))('in the schema %s', (name) => {
      const schema = document.components.schemas[name] ?? { properties: {} };
      expect(schemaAsFastApiWouldHave(schema)).toEqual(recorded.components.schemas[name]);
    });

    it('after the existing routes, without schemas for parameter models', () => {
      expect(Object.keys(document.paths).slice(-3)).toEqual(Object.keys(recorded.paths));
      const names = Object.keys(document.components.schemas);
      for (const name of ['WidgetPath', 'WidgetQuery', 'LimitQuery']) expect(names).not.toContain(name);
    });
  });
});
