import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { errorsDocument } from '../../src/fastapi/errors/error-documents.js';
import { postmanCollection } from '../../src/fastapi/openapi/postman-collection.js';
import { configurationPage, envExample } from '../../src/platform/config/environment-documents.js';
import { send } from '../support/http-client.js';
import { TestApp } from '../support/test-app.js';

/** The committed files that are made from the source; `UPDATE_GENERATED=1` writes them instead of comparing. */
const update = process.env.UPDATE_GENERATED === '1';

const ROOT = new URL('../../', import.meta.url);

function expectCommitted(name: string, text: string): void {
  const file = fileURLToPath(new URL(name, ROOT));
  if (update) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(readFileSync(file, 'utf8')).toBe(text);
}

const pretty = (json: unknown): string => `${JSON.stringify(json, null, 2)}\n`;

interface Item {
  name: string;
  event?: { script: { exec: string[] } }[];
  request: {
    method: string;
    auth?: { type: string };
    url: { raw: string };
    body?: { raw?: string; urlencoded?: { key: string; value: string; disabled?: boolean }[] };
  };
}

interface Collection {
  item: { name: string; item: Item[] }[];
  variable: { key: string; value: string }[];
}

describe('generated files are those that the source makes', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it('.env.example (npm run env:docs)', () => expectCommitted('.env.example', envExample()));

  it('docs/configuration.md (npm run env:docs)', () => expectCommitted('docs/configuration.md', configurationPage()));

  it('openapi.json (npm run openapi:write)', async () => {
    const { body } = await send(app.url, '/openapi.json');
    expect(body.info).toMatchObject({ title: 'FastAPI Backend' });
    expectCommitted('openapi.json', pretty(body));
  });

  it('docs/postman_collection.json (npm run openapi:write)', async () => {
    const { body } = await send(app.url, '/openapi.json');
    expectCommitted('docs/postman_collection.json', pretty(postmanCollection(body, 'http://localhost:8001')));
  });

  it('docs/errors.md (npm run openapi:write)', () => expectCommitted('docs/errors.md', errorsDocument()));

  it('the Postman collection runs from top to bottom: register, log in, read the account', async () => {
    const collection = JSON.parse(readFileSync(new URL('docs/postman_collection.json', ROOT), 'utf8')) as Collection;
    const variables = new Map(collection.variable.map(({ key, value }) => [key, value]));
    variables.set('baseUrl', app.url);
    const statuses: [string, number][] = [];
    for (const item of collection.item.flatMap((folder) => folder.item)) {
      const { request, event = [] } = item;
      const received = await send(app.url, request.url.raw.replace('{{baseUrl}}', ''), {
        method: request.method,
        ...bodyOf(request.body),
        ...(request.auth?.type === 'noauth' ? {} : { token: variables.get('token') ?? '' }),
      });
      const collectionVariables = { set: (key: string, value: string) => variables.set(key, value) };
      const pm = { response: { json: () => received.body }, collectionVariables };
      for (const { script } of event) runInNewContext(script.exec.join('\n'), { pm });
      statuses.push([item.name, received.status]);
    }
    expect(statuses).toEqual([
      ['Register', 200],
      ['Login', 200],
      ['Login Json', 200],
      ['Read Users Me', 200],
    ]);
  });
});

function bodyOf(body: Item['request']['body']): { body?: object } {
  if (body?.raw !== undefined) return { body: JSON.parse(body.raw) as object };
  const fields = body?.urlencoded?.filter(({ disabled }) => !disabled);
  return fields ? { body: new URLSearchParams(Object.fromEntries(fields.map(({ key, value }) => [key, value]))) } : {};
}
