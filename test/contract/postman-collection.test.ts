import type { JsonSchema } from '../../src/fastapi/validation/model.js';
import { postmanCollection } from '../support/postman-collection.js';

const json = (schema: JsonSchema) => ({ content: { 'application/json': { schema } } });
const named = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const security = [{ OAuth2PasswordBearer: [] }];

const document = {
  openapi: '3.1.0',
  info: { title: 'Things', version: '1.2.3' },
  paths: {
    '/login': {
      post: {
        tags: ['auth'],
        summary: 'Login',
        description: 'Sign in.',
        requestBody: { content: { 'application/x-www-form-urlencoded': { schema: named('LoginForm') } } },
        responses: { '200': json(named('Token')) },
      },
    },
    '/things': {
      post: { tags: ['things'], summary: 'Create', requestBody: json(named('Thing')), responses: { '204': {} } },
    },
    '/things/{thing_id}': {
      get: {
        tags: ['things'],
        summary: 'Read',
        parameters: [
          { name: 'thing_id', in: 'path', required: true, schema: { type: 'integer', minimum: 5 } },
          { name: 'limit', in: 'query', required: false, schema: { type: 'integer', minimum: 1, default: 50 } },
          { name: 'q', in: 'query', required: true, schema: { type: 'string' } },
        ],
        responses: { '200': json({ type: 'array', items: named('Thing') }) },
        security,
      },
    },
    '/accounts': {
      post: { tags: ['auth'], summary: 'Register', requestBody: json(named('Account')), responses: { '200': {} } },
    },
    '/logout': {
      post: {
        tags: ['auth'],
        summary: 'Logout',
        requestBody: json(named('Given')),
        responses: { '204': {} },
        security,
      },
    },
    '/me': {
      put: {
        tags: ['me'],
        summary: 'Password',
        requestBody: json(named('Change')),
        responses: { '204': {} },
        security,
      },
      delete: { tags: ['me'], summary: 'Delete', requestBody: json(named('Sure')), responses: { '204': {} }, security },
      patch: { tags: ['me'], summary: 'Update', requestBody: json(named('Thing')), responses: { '200': {} }, security },
    },
    '/me/places': {
      delete: { tags: ['me'], summary: 'Leave all', responses: { '204': {} }, security },
      get: { tags: ['me'], summary: 'Places', responses: { '200': json({ properties: { items: {} } }) }, security },
    },
    '/me/places/{place_id}': {
      delete: {
        tags: ['me'],
        summary: 'Leave',
        parameters: [{ name: 'place_id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { '204': {} },
        security,
      },
    },
    '/ping': { get: { summary: 'Ping', responses: { '200': {} } } },
  },
  components: {
    schemas: {
      LoginForm: {
        properties: { username: {}, password: {}, scope: {} },
        examples: [{ username: 'john', password: 'secure123' }],
      },
      Token: { properties: { access_token: {} } },
      Account: { properties: { password: {} }, examples: [{ username: 'john', password: 'secure123' }] },
      Given: { properties: { refresh_token: {} }, examples: [{ refresh_token: 'abc' }] },
      Change: {
        properties: { current_password: {}, new_password: {} },
        examples: [{ current_password: 'secure123', new_password: 'amber' }],
      },
      Sure: { properties: { password: {} }, examples: [{ password: 'secure123' }] },
      Thing: { properties: { name: {} }, examples: [{ name: 'x', size: 3 }] },
    },
  },
};

interface Item {
  name: string;
  event?: { listen: string; script: { exec: string[] } }[];
  request: JsonSchema;
}

describe('postmanCollection', () => {
  const collection = postmanCollection(document, 'http://localhost:8001');
  const folders = collection.item as { name: string; item: Item[] }[];
  const item = (name: string): Item | undefined =>
    folders.flatMap((folder) => folder.item).find((one) => one.name === name);

  const raw = (name: string) =>
    JSON.parse(String((item(name)?.request.body as { raw?: string } | undefined)?.raw)) as object;
  const script = (name: string) => item(name)?.event?.[0]?.script.exec.join('\n') ?? '';

  it('has a folder per tag in document order, one for untagged operations, and a last one for those that end sessions', () => {
    expect(folders.map(({ name, item: items }) => [name, items.map((one) => one.name)])).toEqual([
      ['auth', ['Login', 'Register']],
      ['things', ['Create', 'Read']],
      ['me', ['Places', 'Update']],
      ['Things', ['Ping']],
      ['Run these last', ['Leave', 'Leave all', 'Password', 'Delete', 'Logout']],
    ]);
  });

  it('has format 2.1.0, its variables, and bearer authentication as the default', () => {
    expect(collection.info).toEqual({
      name: 'Things',
      description: 'Version 1.2.3, generated from openapi.json.',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    });
    expect(collection.variable).toEqual([
      { key: 'baseUrl', value: 'http://localhost:8001', type: 'string' },
      { key: 'token', value: '', type: 'string' },
      { key: 'refresh_token', value: '', type: 'string' },
      { key: 'password', value: 'secure123', type: 'string' },
      { key: 'place_id', value: 'none', type: 'string' },
    ]);
    expect(collection.auth).toMatchObject({ type: 'bearer', bearer: [{ key: 'token', value: '{{token}}' }] });
  });

  it('fills a form from the example and disables the other fields', () => {
    expect(item('Login')?.request).toEqual({
      auth: { type: 'noauth' },
      method: 'POST',
      header: [{ key: 'Accept', value: 'application/json' }],
      body: {
        mode: 'urlencoded',
        urlencoded: [
          { key: 'username', value: 'john', type: 'text' },
          { key: 'password', value: '{{password}}', type: 'text' },
          { key: 'scope', value: '', type: 'text', disabled: true },
        ],
      },
      url: { raw: '{{baseUrl}}/login', host: ['{{baseUrl}}'], path: ['login'] },
      description: 'Sign in.',
    });
  });

  it('fills a JSON body from the example', () => {
    expect(item('Create')?.request.body).toEqual({
      mode: 'raw',
      raw: '{\n  "name": "x",\n  "size": 3\n}',
      options: { raw: { language: 'json' } },
    });
  });

  it('stores the tokens of a response, and has no scripts for other requests', () => {
    expect(script('Login')).toContain("pm.collectionVariables.set('token', access_token)");
    expect(script('Login')).toContain("pm.collectionVariables.set('refresh_token', refresh_token)");
    expect(raw('Logout')).toEqual({ refresh_token: '{{refresh_token}}' });
    for (const name of ['Create', 'Read', 'Ping', 'Logout', 'Delete']) expect(item(name)?.event).toBeUndefined();
  });

  it('stores the password of an account and sends it as the current password', () => {
    expect(script('Register')).toContain("set('password', JSON.parse(pm.request.body.raw).password)");
    expect(script('Password')).toContain("set('password', JSON.parse(pm.request.body.raw).new_password)");
    expect(raw('Register')).toEqual({ username: 'john', password: 'secure123' });
    expect(raw('Password')).toEqual({ current_password: '{{password}}', new_password: 'amber' });
    expect(raw('Delete')).toEqual({ password: '{{password}}' });
  });

  it('fills a path parameter with an id from the list of the same resource', () => {
    expect(script('Places')).toContain("pm.collectionVariables.set('place_id', String(other.id))");
    expect(item('Leave')?.request.url).toMatchObject({ variable: [{ key: 'place_id', value: '{{place_id}}' }] });
  });

  it('gives parameters an initial value and disables optional ones', () => {
    const request = item('Read')?.request;
    expect(request?.url).toEqual({
      raw: '{{baseUrl}}/things/:thing_id',
      host: ['{{baseUrl}}'],
      path: ['things', ':thing_id'],
      query: [
        { key: 'limit', value: '50', disabled: true },
        { key: 'q', value: '', disabled: false },
      ],
      variable: [{ key: 'thing_id', value: '5' }],
    });
    expect(request).not.toHaveProperty('auth');
    expect(request).not.toHaveProperty('body');
  });
});
