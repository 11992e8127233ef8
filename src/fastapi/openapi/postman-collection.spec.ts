import type { JsonSchema } from '../validation/model.js';
import { postmanCollection } from './postman-collection.js';

const json = (schema: JsonSchema) => ({ content: { 'application/json': { schema } } });
const named = (name: string) => ({ $ref: `#/components/schemas/${name}` });

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
        security: [{ OAuth2PasswordBearer: [] }],
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

  it('has a folder a tag, in the order of the document, and one for what has no tag', () => {
    expect(folders.map(({ name, item: items }) => [name, items.map((one) => one.name)])).toEqual([
      ['auth', ['Login']],
      ['things', ['Create', 'Read']],
      ['Things', ['Ping']],
    ]);
  });

  it('is of format 2.1.0, with the two variables, and sends the token unless a request says otherwise', () => {
    expect(collection.info).toEqual({
      name: 'Things',
      description: 'Version 1.2.3, generated from openapi.json.',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    });
    expect(collection.variable).toEqual([
      { key: 'baseUrl', value: 'http://localhost:8001', type: 'string' },
      { key: 'token', value: '', type: 'string' },
    ]);
    expect(collection.auth).toMatchObject({ type: 'bearer', bearer: [{ key: 'token', value: '{{token}}' }] });
  });

  it('fills a form from the example and leaves the other fields out', () => {
    expect(item('Login')?.request).toEqual({
      auth: { type: 'noauth' },
      method: 'POST',
      header: [{ key: 'Accept', value: 'application/json' }],
      body: {
        mode: 'urlencoded',
        urlencoded: [
          { key: 'username', value: 'john', type: 'text' },
          { key: 'password', value: 'secure123', type: 'text' },
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

  it('keeps the token of an answer that holds one, and of no other', () => {
    expect(item('Login')?.event).toHaveLength(1);
    expect(item('Login')?.event?.[0]?.script.exec.join('\n')).toContain("pm.collectionVariables.set('token', token)");
    for (const name of ['Create', 'Read', 'Ping']) expect(item(name)?.event).toBeUndefined();
  });

  it('gives parameters a value to start from, optional ones left out', () => {
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
