import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorsDocument } from '../../src/fastapi/errors/error-documents.js';
import { postmanCollection } from '../support/postman-collection.js';
import { configurationPage, envExample } from '../support/environment-documents.js';
import { send } from '../support/http-client.js';
import { type Collection, CollectionRun } from '../support/postman-run.js';
import { TestApp } from '../support/test-app.js';
import type { OpenApi } from './openapi-comparison.js';

/** `UPDATE_GENERATED=1` writes the generated files before it compares them. */
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

/** In the order of the collection. The requests that answer 400 need a token from a mail. */
const ANSWERS = [
  ['Register', 200],
  ['Login', 200],
  ['Login Json', 200],
  ['Refresh', 200],
  ['Forgot Password', 202],
  ['Reset Password', 400],
  ['Resend Verification', 202],
  ['Verify Email', 400],
  ['Confirm Email', 400],
  ['Reauthenticate', 204],
  ['Read Users Me', 200],
  ['Read Profile', 200],
  ['Export Users Me', 200],
  ['List Activity', 200],
  ['Read Sessions', 200],
  ['Update Users Me', 200],
  ['Change Email', 202],
  ['Delete Session', 204],
  ['Change Password', 204],
  ['Delete Other Sessions', 204],
  ['Delete Users Me', 204],
  ['Logout', 204],
];

describe('the committed generated files are up to date:', () => {
  let app: TestApp;

  beforeAll(async () => {
    // With rate limits, as for a user who follows the README.
    app = await TestApp.start({ settings: { RATE_LIMIT: 'on' } });
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

  it('docs/postman_collection.json runs from top to bottom twice, with documented responses only', async () => {
    const collection = JSON.parse(readFileSync(new URL('docs/postman_collection.json', ROOT), 'utf8')) as Collection;
    const { body } = await send<OpenApi>(app.url, '/openapi.json');
    const run = new CollectionRun(collection, app.url);
    for (const time of ['first', 'second']) {
      const answers = await run.again();
      expect([time, answers.map(({ name, status }) => [name, status])]).toEqual([time, ANSWERS]);
      for (const { path, method, status } of answers) {
        expect(Object.keys(body.paths[path]?.[method]?.responses ?? {})).toContain(String(status));
      }
    }
  });
});
